package main

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What k3s brings along, as far as it shows in the API.
//
//go:embed manifests/*.yaml
var packaged embed.FS

// deployManifests applies what lies in server/manifests, at the start and whenever a file changes. What k3s brings
// along is put there, unless it is disabled.
func (s *clusterServer) deployManifests() {
	folder := filepath.Join(s.folder, "manifests")
	os.MkdirAll(folder, 0o700)
	entries, _ := packaged.ReadDir("manifests")
	disabled := strings.Join(s.list("disable"), ",") + ","
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if strings.Contains(disabled, strings.TrimSuffix(entry.Name(), ".yaml")+",") || exists(path+".skip") {
			if exists(path) {
				s.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", path)
				os.Remove(path)
			}
			continue
		}
		content, _ := packaged.ReadFile("manifests/" + entry.Name())
		text := strings.NewReplacer("%{CLUSTER_DNS}%", s.clusterDNS(), "%{CLUSTER_DOMAIN}%", s.clusterDomain()).Replace(string(content))
		os.WriteFile(path, []byte(text), 0o600)
	}
	applied := map[string]time.Time{}
	for ; ; time.Sleep(5 * time.Second) {
		found, _ := os.ReadDir(folder)
		for _, entry := range found {
			about, err := entry.Info()
			suffix := filepath.Ext(entry.Name())
			if err != nil || suffix != ".yaml" && suffix != ".yml" && suffix != ".json" || about.ModTime().Equal(applied[entry.Name()]) {
				continue
			}
			applied[entry.Name()] = about.ModTime()
			if output, err := s.kubectl("apply", "--validate=false", "-f", filepath.Join(folder, entry.Name())); err != nil {
				logf("error", "Failed to process config: failed to process %s: %s", filepath.Join(folder, entry.Name()), output)
				delete(applied, entry.Name())
			}
		}
	}
}

func (s *clusterServer) kubectl(arguments ...string) (string, error) {
	command := exec.Command(program("kubectl"), append([]string{"--kubeconfig", filepath.Join(s.cred, "admin.kubeconfig")}, arguments...)...)
	output, err := command.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}
