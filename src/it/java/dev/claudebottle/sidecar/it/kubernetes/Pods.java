package dev.claudebottle.sidecar.it.kubernetes;

import groovy.json.JsonOutput;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The pods that controllers would make of objects: an API server checks PodSecurity when it gets pods, not when it gets their templates. */
final class Pods {

    private Pods() {}

    /** @param list a List of objects, in JSON */
    static List<String> of(String list) {
        return new JsonPath(list)
                .<Map<String, Map<String, Object>>>getList("items").stream()
                        .filter(object -> object.containsKey("spec"))
                        .flatMap(object -> Stream.of("template", "podTemplate")
                                .map(key -> map(object.get("spec").get(key)))
                                .filter(Objects::nonNull)
                                .map(template -> pod(
                                        (String) object.get("metadata").get("name"),
                                        template,
                                        list(object.get("spec").get("volumeClaimTemplates")))))
                        .toList();
    }

    private static String pod(String name, Map<String, Object> template, List<Object> claims) {
        Map<String, Object> metadata =
                new HashMap<>(Objects.requireNonNullElse(map(template.get("metadata")), Map.of()));
        metadata.put("name", name);
        Map<String, Object> spec = new HashMap<>(map(template.get("spec")));
        List<Object> volumes = new ArrayList<>(list(spec.get("volumes")));
        for (Object claim : claims) {
            Object volume = map(map(claim).get("metadata")).get("name");
            volumes.add(Map.of("name", volume, "persistentVolumeClaim", Map.of("claimName", volume + "-" + name)));
        }
        spec.put("volumes", volumes);
        return JsonOutput.toJson(Map.of("apiVersion", "v1", "kind", "Pod", "metadata", metadata, "spec", spec));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return Objects.requireNonNullElse((List<Object>) value, List.of());
    }
}
