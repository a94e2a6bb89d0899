package dev.claudebottle.sidecar.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a class that needs a pid namespace of its own when unshare(1) can't create one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsNamespaces.Condition.class)
@interface NeedsNamespaces {

    /** Tries it once for all classes. */
    final class Condition implements ExecutionCondition {

        private static final boolean PERMITTED =
                LinuxProcess.shell("unshare --fork --pid --mount-proc --kill-child true 2>/dev/null") == 0;

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return PERMITTED
                    ? ConditionEvaluationResult.enabled("unshare works")
                    : ConditionEvaluationResult.disabled(
                            "unshare --pid --mount-proc is not permitted here: needs root");
        }
    }
}
