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
 * Runs a class's plain {@code @Test} methods in another JVM: {@link Children} reaps every child of its process, which
 * would take the exit statuses of those that other tests have started. Classes that want the same JVM share one.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ForkedJvm.Extension.class)
public @interface ForkedJvm {

    /** The system property that tells the other JVM from Surefire's, which makes an instance of the class too. */
    String HERE = "test.own-jvm";

    /** What to put before the JVM's command; it ends by an exec of its arguments. */
    String[] startedBy() default {};

    /** Hands each test method over. */
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
