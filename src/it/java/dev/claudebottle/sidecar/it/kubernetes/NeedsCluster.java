package dev.claudebottle.sidecar.it.kubernetes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests that need a cluster of this kind, unless {@code src/it/kubernetes/test.sh} runs them beside one. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCluster.Condition.class)
@interface NeedsCluster {

    Kind value();

    /** What SIDECARS_CLUSTER says of the cluster. */
    enum Kind {
        /** an API server without a node */
        API("api"),
        NODE("node"),
        NODE_WITHOUT_POLICIES("node-without-policies");

        private final String name;

        Kind(String name) {
            this.name = name;
        }
    }

    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String needed = context.getRequiredTestClass()
                    .getAnnotation(NeedsCluster.class)
                    .value()
                    .name;
            return needed.equals(System.getenv("SIDECARS_CLUSTER"))
                    ? ConditionEvaluationResult.enabled("the cluster is " + needed)
                    : ConditionEvaluationResult.disabled(
                            "SIDECARS_CLUSTER is not " + needed + ": src/it/kubernetes/test.sh starts a cluster");
        }
    }
}
