{{- define "mge.labels" -}}
app.kubernetes.io/name: mge
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "mge.selector" -}}
app.kubernetes.io/name: mge
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mge.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "mge.environment" -}}
envFrom:
  - secretRef:
      name: {{ .Values.existingSecret }}
  - configMapRef:
      name: {{ .Release.Name }}-mge
{{- end }}

{{- define "mge.volumes" -}}
volumes:
  - name: data
    emptyDir: {}
  - name: tmp
    emptyDir: {}
{{- end }}

{{- define "mge.mounts" -}}
volumeMounts:
  - name: data
    mountPath: /var/lib/mge
  - name: tmp
    mountPath: /tmp
{{- end }}

{{- define "mge.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 3
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 5
  timeoutSeconds: 3
{{- end }}
