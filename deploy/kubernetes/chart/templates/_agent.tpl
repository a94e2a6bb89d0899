{{/* The metadata and the spec of the agent's pod, whatever makes the pod. */}}
{{- define "sidecar-init.agentPod" -}}
metadata:
  labels:
    {{- include "sidecar-init.labels" (dict "Release" .Release "component" "agent") | nindent 4 }}
  annotations:
    kubectl.kubernetes.io/default-container: agent
spec:
  automountServiceAccountToken: false
  # The address of the guard comes from a variable that the Service makes, because the agent has no DNS.
  enableServiceLinks: true
  dnsPolicy: None
  dnsConfig: {nameservers: [127.0.0.1]} # one is required; nobody answers there
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ .Values.agent.user }}
    runAsGroup: {{ .Values.agent.user }}
    fsGroup: {{ .Values.agent.user }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.agent.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.agent.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    # Waits for the guards, refuses to go on when this pod can reach anything else, and fetches the CA that the agent must trust.
    - name: await-guard
      image: {{ .Values.image }}
      imagePullPolicy: {{ .Values.imagePullPolicy }}
      command: [await-guard]
      env:
        - {name: GUARD_HOST, value: $({{ include "sidecar-init.guardHostVariable" . }})}
        - name: NODE_HOST # whose kubelet must not answer either
          valueFrom: {fieldRef: {fieldPath: status.hostIP}}
      terminationMessagePolicy: FallbackToLogsOnError
      securityContext:
        {{- include "sidecar-init.containerSecurity" (dict "readOnly" true) | nindent 8 }}
      resources:
        requests: {cpu: 10m, memory: 32Mi}
        limits: {memory: 128Mi}
      volumeMounts:
        - {name: bottle, mountPath: /bottle}
  containers:
    - name: agent
      image: {{ .Values.agent.image }}
      imagePullPolicy: {{ .Values.imagePullPolicy }}
      command: {{ toJson .Values.agent.command }}
      {{- with .Values.agent.args }}
      args: {{ toJson . }}
      {{- end }}
      workingDir: /workspace
      env:
        - {name: GUARD_HOST, value: $({{ include "sidecar-init.guardHostVariable" . }})}
        # both spellings: curl reads only http_proxy, others only HTTP_PROXY
        {{- range list "HTTP_PROXY" "HTTPS_PROXY" "http_proxy" "https_proxy" }}
        - {name: {{ . }}, value: "http://$(GUARD_HOST):9099"}
        {{- end }}
        {{- range list "NO_PROXY" "no_proxy" }}
        - {name: {{ . }}, value: $(GUARD_HOST)}
        {{- end }}
        {{- range list "SSL_CERT_FILE" "CURL_CA_BUNDLE" "GIT_SSL_CAINFO" "REQUESTS_CA_BUNDLE" "NODE_EXTRA_CA_CERTS" }}
        - {name: {{ . }}, value: /bottle/ca.pem}
        {{- end }}
        - {name: HOME, value: /workspace}
        {{- range $name, $value := .Values.agent.environment }}
        - {name: {{ $name }}, value: {{ quote $value }}}
        {{- end }}
      securityContext:
        {{- include "sidecar-init.containerSecurity" (dict "readOnly" .Values.agent.readOnlyRootFilesystem) | nindent 8 }}
      resources:
        {{- toYaml .Values.agent.resources | nindent 8 }}
      volumeMounts:
        - {name: bottle, mountPath: /bottle, readOnly: true}
        - {name: workspace, mountPath: /workspace}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: bottle
      emptyDir: {medium: Memory, sizeLimit: 1Mi}
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
{{- end }}

{{- define "sidecar-init.agentVolumeClaims" -}}
volumeClaimTemplates:
  - metadata:
      name: workspace
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .Values.agent.storage.className }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests: {storage: {{ .Values.agent.storage.size }}}
{{- end }}
