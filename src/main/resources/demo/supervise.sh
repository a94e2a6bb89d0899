# chats like the server where the agent asks its operator
# shellcheck shell=sh
echo "agents ask at port 9101, the operator answers at 127.0.0.1:9100"
while sleep 5; do
  echo "request 7f3a waits for approval: push to main; reason: the tests pass"
done
