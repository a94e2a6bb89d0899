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
    {{- $user := int64 .Values.agent.user }}
    runAsUser: {{ $user }}
    runAsGroup: {{ $user }}
    fsGroup: {{ $user }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.agent.runtimeClassName }}
  runtimeClassName: {{ . }}
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
        {{- if not .Values.agent.nodeMayAnswer }}
        - name: NODE_HOST # whose kubelet must not answer either
          valueFrom: {fieldRef: {fieldPath: status.hostIP}}
        {{- end }}
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
      image: {{ .Values.agent.image | default .Values.image }}
      imagePullPolicy: {{ .Values.imagePullPolicy }}
      {{- with .Values.agent.command }}
      command: {{ toJson . }}
      {{- end }}
      {{- with .Values.agent.args }}
      args: {{ toJson . }}
      {{- end }}
      workingDir: /workspace
      env:
        - {name: GUARD_HOST, value: $({{ include "sidecar-init.guardHostVariable" . }})}
        # HTTP_PROXY in both spellings: curl reads only http_proxy, others only HTTP_PROXY
        {{- $proxy := "http://$(GUARD_HOST):9099" }}
        {{- $ca := "/bottle/ca.pem" }}
        {{- $own := .Values.agent.environment }}
        {{- range $name, $value := dict "HOME" "/workspace" "NO_PROXY" "$(GUARD_HOST)" "no_proxy" "$(GUARD_HOST)"
            "HTTP_PROXY" $proxy "HTTPS_PROXY" $proxy "http_proxy" $proxy "https_proxy" $proxy
            "SSL_CERT_FILE" $ca "CURL_CA_BUNDLE" $ca "GIT_SSL_CAINFO" $ca "REQUESTS_CA_BUNDLE" $ca "NODE_EXTRA_CA_CERTS" $ca }}
        {{- if not (hasKey $own $name) }}
        - {name: {{ $name }}, value: {{ quote $value }}}
        {{- end }}
        {{- end }}
        {{- range $name, $value := $own }}
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
