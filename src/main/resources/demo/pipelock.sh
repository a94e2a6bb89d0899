# chats like pipelock
# shellcheck shell=sh
echo "Pipelock starting: mode strict, listening on 127.0.0.1:8888" >&2
while sleep 3; do
  echo '{"level":"info","event":"blocked","scanner":"dlp","reason":"request body contains secret: AWS Access ID"}'
done
