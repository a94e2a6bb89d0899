package dev.claudebottle.sidecar.events;

import java.util.OptionalInt;

/** Carries events to the receiver, one at a time. */
interface EventSender {

    /** Starts what sending needs, so that it can't be lacking later; the first post does the rest. */
    void start();

    /**
     * Posts an event. Used by one thread.
     *
     * @return the status of the response; empty when the receiver can't be reached, doesn't answer in time, or after {@link
     *     #stop}
     * @throws Exception when we lack something that a request needs; a later call may succeed
     */
    OptionalInt post(CloudEvent event) throws Exception;

    /** Abandons the request that is under way, and refuses further ones. Safe from any thread; never blocks. */
    void stop();
}
