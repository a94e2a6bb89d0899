package dev.claudebottle.sidecar.it.image;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips what needs a container engine and the image in it, where {@code src/it/containers/test.sh} has not set them up. */
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
