package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// apiClient speaks to the Kubernetes API.
type apiClient struct {
	url  string
	http *http.Client
}

// newAPIClient is one that believes a CA and shows the certificate at a path.
func newAPIClient(url string, ca authority, path string) (*apiClient, error) {
	pair, err := loadPair(path)
	if err != nil {
		return nil, err
	}
	configuration := &tls.Config{RootCAs: ca.pool(), ServerName: "kubernetes", Certificates: []tls.Certificate{pair}}
	return &apiClient{url, &http.Client{Transport: &http.Transport{TLSClientConfig: configuration}}}, nil
}

func (c *apiClient) do(method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(content, into)
	}
	return err
}

func (c *apiClient) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		encoded = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if method == "PATCH" {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		defer response.Body.Close()
		content, _ := io.ReadAll(response.Body)
		status := struct{ Message string }{}
		json.Unmarshal(content, &status)
		return nil, &statusError{response.StatusCode, fmt.Sprintf("%s: %s", response.Status, status.Message)}
	}
	return response, nil
}

// A node, as far as it matters here.
type node struct {
	Metadata struct {
		Name              string
		UID               string
		ResourceVersion   string
		Labels            map[string]string
		Annotations       map[string]string
		Finalizers        []string
		DeletionTimestamp string
	}
	Spec struct{ PodCIDR string }
}

func nodePath(name string) string { return "/api/v1/nodes/" + name }

// watchNodes hands over every node there is and then each that changes, and begins again once a minute or when the
// connection is lost. It returns never.
func (c *apiClient) watchNodes(changed func(node)) {
	for {
		if err := c.followNodes(changed); err != nil {
			time.Sleep(2 * time.Second)
		}
	}
}

func (c *apiClient) followNodes(changed func(node)) error {
	nodes := struct {
		Metadata struct{ ResourceVersion string }
		Items    []node
	}{}
	if err := c.do("GET", "/api/v1/nodes", nil, &nodes); err != nil {
		return err
	}
	for _, each := range nodes.Items {
		changed(each)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 70*time.Second)
	defer cancel()
	since := "/api/v1/nodes?watch=1&timeoutSeconds=60&resourceVersion=" + nodes.Metadata.ResourceVersion
	response, err := c.send(ctx, "GET", since, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for events := json.NewDecoder(response.Body); ; {
		event := struct {
			Type   string
			Object node
		}{}
		if err := events.Decode(&event); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if event.Type == "ADDED" || event.Type == "MODIFIED" {
			changed(event.Object)
		}
	}
}
