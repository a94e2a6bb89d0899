package dev.claudebottle.sidecar.it.containers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests that need the image in a container engine, unless {@code src/it/containers/test.sh} has set both up. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsEngine.Condition.class)
@interface NeedsEngine {

    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Docker.IMAGE == null
                    ? ConditionEvaluationResult.disabled(
                            "no SIDECARS_IMAGE: src/it/containers/test.sh builds and tests it")
                    : ConditionEvaluationResult.enabled("the image is " + Docker.IMAGE);
        }
    }
}
