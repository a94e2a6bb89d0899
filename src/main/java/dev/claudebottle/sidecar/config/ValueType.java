package dev.claudebottle.sidecar.config;

import java.util.Optional;

/** What a key of the bundle file may hold. Sealed, so that the JSON Schema of bundle files can miss none. */
sealed interface ValueType<V>
        permits AddressType,
                CommandType,
                DaemonsType,
                DirectoryType,
                EnvironmentType,
                MapType,
                NameListType,
                ScalarType,
                UrlListType,
                UrlType,
                UserType,
                VariableNamesType,
                WholeNumberType {

    /** What the user is expected to write: error messages and docs/operating.md say it. */
    String expected();

    /** Empty after an error. */
    Optional<V> read(Value value);

    /** As YAML: text, a number, a list or a map. */
    Object render(V value);
}
