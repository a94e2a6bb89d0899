# chats like the server where the agent asks its operator
# shellcheck shell=sh
echo "INFO:     Uvicorn running on http://127.0.0.1:9100 (Press CTRL+C to quit)"
while sleep 5; do
  echo 'INFO:     172.18.0.3:52011 - "POST /mcp HTTP/1.1" 200 OK'
  echo "waiting for the operator: may the agent push to main?"
done
