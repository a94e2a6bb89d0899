"""With a read-only root file system, /tmp included, a daemon starts and a stop works."""

from conformance.job import IDLE

WHY = "A hardened container has no place to write to except the volumes that it is given."
BITTEN = ("just-containers/s6-overlay#578", "just-containers/s6-overlay#552", "quarkusio/quarkus#40531")
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    # a mount of its own for the job's directory, before all that is mounted becomes read-only; engines leave /dev and
    # /dev/shm writable
    setup = f"""mount --bind {job.directory} {job.directory}
for directory in / /tmp /var /var/tmp /run /etc /home /root /usr; do
    mountpoint -q $directory && mount -o bind,remount,ro $directory
done
touch /tmp/written 2>/dev/null && exit 99"""
    with test.start(job, setup=setup) as container:
        container.await_starts()
        container.terminate()
        container.await_exit(within=job.grace + 15)
