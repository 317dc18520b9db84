package main

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// What k3s brings along, as far as it shows in the API.
//
//go:embed manifests/*.yaml
var packaged embed.FS

var manifestName = regexp.MustCompile(`\.(yaml|yml|json)$`)

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
		os.WriteFile(path, []byte(strings.ReplaceAll(string(content), "%{CLUSTER_DNS}%", s.clusterDNS())), 0o600)
	}
	applied := map[string]time.Time{}
	for ; ; time.Sleep(5 * time.Second) {
		found, _ := os.ReadDir(folder)
		for _, entry := range found {
			path := filepath.Join(folder, entry.Name())
			about, err := entry.Info()
			if err != nil || !manifestName.MatchString(path) || about.ModTime().Equal(applied[path]) {
				continue
			}
			applied[path] = about.ModTime()
			if output, err := s.kubectl("apply", "--validate=false", "-f", path); err != nil {
				logf("error", "Failed to process config: failed to process %s: %s", path, output)
				delete(applied, path)
			}
		}
	}
}

func (s *clusterServer) kubectl(arguments ...string) (string, error) {
	arguments = append([]string{"--kubeconfig", filepath.Join(s.cred, "admin.kubeconfig")}, arguments...)
	command := exec.Command(program("kubectl"), arguments...)
	output, err := command.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}
