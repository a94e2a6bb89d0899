package dev.claudebottle.sidecar.os;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs a class's plain {@code @Test} methods in another JVM: {@link Children} reaps every child of its process, including
 * those of other tests. Classes with the same {@link #startedBy} share a JVM.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ForkedJvm.Extension.class)
public @interface ForkedJvm {

    /** This system property is true in the other JVM only; Surefire's JVM makes an instance of the class too. */
    String PROPERTY = "test.forked-jvm";

    /** A command that goes before the JVM's own and executes it. */
    String[] startedBy() default {};

    /** Passes each test method to the other JVM. */
    final class Extension implements InvocationInterceptor {

        private static final ExtensionContext.Namespace JVMS = ExtensionContext.Namespace.create(ForkedJvm.class);

        @Override
        public void interceptTestMethod(
                Invocation<Void> here, ReflectiveInvocationContext<Method> method, ExtensionContext context) {
            here.skip();
            Class<?> test = method.getTargetClass();
            List<String> startedBy = List.of(test.getAnnotation(ForkedJvm.class).startedBy());
            ExtensionContext.Store store = context.getRoot().getStore(JVMS);
            TestJvm jvm = store.computeIfAbsent(startedBy, TestJvm::start, TestJvm.class);
            if (!jvm.isAlive()) {
                jvm = TestJvm.start(startedBy);
                store.put(startedBy, jvm);
            }
            jvm.run(test.getName(), method.getExecutable().getName());
        }
    }
}
