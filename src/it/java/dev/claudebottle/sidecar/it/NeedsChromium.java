package dev.claudebottle.sidecar.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a class that needs a browser when no Chromium is installed together with its driver. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsChromium.Condition.class)
@interface NeedsChromium {

    /** Looks once for all classes. */
    final class Condition implements ExecutionCondition {

        private static final String BROWSER = Chromium.majorVersion(Chromium.browser());
        private static final String DRIVER = Chromium.majorVersion(Chromium.driver());

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (BROWSER.isEmpty() || DRIVER.isEmpty()) {
                return ConditionEvaluationResult.disabled(
                        "no browser here: needs chromium and chromedriver (Debian: chromium, chromium-driver)");
            }
            return BROWSER.equals(DRIVER)
                    ? ConditionEvaluationResult.enabled("Chromium " + BROWSER)
                    : ConditionEvaluationResult.disabled(
                            "the browser has version " + BROWSER + ", and chromedriver " + DRIVER);
        }
    }
}
