package main

import (
	"fmt"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const gpuResource = "nvidia.com/gpu"

var gpuReplicas = regexp.MustCompile(`(?m)^\s*(?:- )?replicas:\s*(\d+)`)

// offerGPUs does what NVIDIA's device plugin does in its container: while its pod is on this node, with the runtime
// that gets at GPUs, the node offers them, each as often as the plugin's configuration shares it.
func (a *nodeAgent) offerGPUs() {
	for offered := 0; ; time.Sleep(3 * time.Second) {
		api, err := a.api()
		if err != nil {
			continue
		}
		found, err := a.gpus(api)
		if err != nil || found == offered {
			continue
		}
		amount := map[string]string{gpuResource: strconv.Itoa(found)}
		status := map[string]any{"status": map[string]any{"capacity": amount, "allocatable": amount}}
		if api.do("PATCH", nodePath(a.name)+"/status", status, nil) == nil {
			offered = found
		}
	}
}

// gpus is how many the node is to offer.
func (a *nodeAgent) gpus(api *apiClient) (int, error) {
	pods := struct {
		Items []struct {
			Metadata struct{ Name, Namespace string }
			Spec     struct {
				RuntimeClassName string
				Volumes          []struct{ ConfigMap struct{ Name string } }
			}
			Status struct{ Phase string }
		}
	}{}
	here := "/api/v1/pods?fieldSelector=" + url.QueryEscape("spec.nodeName="+a.name)
	if err := api.do("GET", here, nil, &pods); err != nil {
		return 0, err
	}
	for _, pod := range pods.Items {
		isPlugin := strings.Contains(pod.Metadata.Name, "device-plugin") && pod.Spec.RuntimeClassName == "nvidia"
		if !isPlugin || pod.Status.Phase != "Running" {
			continue
		}
		output, err := exec.Command("nvidia-smi", "-L").Output()
		if err != nil {
			return 0, fmt.Errorf("nvidia-smi: %w", err)
		}
		count := strings.Count("\n"+string(output), "\nGPU ")
		for _, volume := range pod.Spec.Volumes {
			configuration := struct{ Data map[string]string }{}
			if volume.ConfigMap.Name == "" {
				continue
			}
			path := "/api/v1/namespaces/" + pod.Metadata.Namespace + "/configmaps/" + volume.ConfigMap.Name
			if err := api.do("GET", path, nil, &configuration); err != nil {
				return 0, err
			}
			for _, text := range configuration.Data {
				if match := gpuReplicas.FindStringSubmatch(text); match != nil {
					replicas, _ := strconv.Atoi(match[1])
					return count * replicas, nil
				}
			}
		}
		return count, nil
	}
	return 0, nil
}
