# chats like mitmdump, and dies
# shellcheck shell=sh
echo "HTTP(S) proxy listening at *:9099."
n=0
while [ "$n" -lt 4 ]; do
  sleep 2
  n=$((n + 1))
  echo "127.0.0.1:5120$n: GET https://api.example.com/v1/messages"
  echo "     << 200 OK 1.${n}k"
done
echo "Traceback (most recent call last): ..." >&2
echo "MemoryError" >&2
exit 1
