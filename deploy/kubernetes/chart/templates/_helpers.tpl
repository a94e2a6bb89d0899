{{/* The labels that tie the parts of a bottle together; also the selectors, so they never change. */}}
{{- define "sidecar-init.labels" -}}
app.kubernetes.io/name: sidecar-init
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The Service's environment variable in the agent's pod. */}}
{{- define "sidecar-init.guardHostVariable" -}}
{{ printf "%s-guard" .Release.Name | upper | replace "-" "_" }}_SERVICE_HOST
{{- end }}

{{/* An argument list keeps the caller's scope: (dict "Release" .Release "component" "guard") */}}
{{- define "sidecar-init.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ .readOnly }}
capabilities: {drop: [ALL]{{ with .add }}, add: [{{ join ", " . }}]{{ end }}}
{{- end }}
