# chats like mitmdump; a start before DIES_AT, in seconds since 1970, dies then
# shellcheck shell=sh
started=$(date +%s)
echo "HTTP(S) proxy listening at *:9099."
while sleep 1; do
  if [ "$started" -lt "$DIES_AT" ] && [ "$(date +%s)" -ge "$DIES_AT" ]; then
    echo "Traceback (most recent call last): ..." >&2
    echo "MemoryError" >&2
    exit 1
  fi
  echo "GET https://api.example.com/v1/messages 200"
  sleep 1
done
