package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// A token: K10<hash of the CA's PEM>::<user>:<password>, or the password alone.
type token struct {
	caHash, user, password string
}

func parseToken(given string) (token, error) {
	if given == "" {
		return token{}, errors.New("token must not be empty")
	}
	result := token{}
	if rest := strings.TrimPrefix(given, "K10"); rest != given {
		hash, credentials, found := strings.Cut(rest, "::")
		if !found {
			return token{}, errors.New("invalid token format")
		}
		if hash != "" && len(hash) != 2*sha256.Size {
			return token{}, errors.New("invalid token CA hash length")
		}
		result.caHash, given = hash, credentials
		if user, password, found := strings.Cut(given, ":"); found && password != "" {
			result.user, result.password = user, password
			return result, nil
		}
		return token{}, errors.New("invalid token format")
	}
	result.password = given
	return result, nil
}

func formatToken(user, password string, ca []byte) string {
	return "K10" + hashOf(ca) + "::" + user + ":" + password
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// clusterClient speaks to a server's supervisor with a token or, where there is one already, a node's certificate.
type clusterClient struct {
	url            string
	ca             []byte
	user, password string
	certificate    []tls.Certificate
	headers        map[string]string
}

// validated fetches the cluster's CA and holds it against the token's hash, as everything that joins does first.
func validated(server, given, user string) (*clusterClient, error) {
	parsed, err := parseToken(given)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("Invalid server url, failed to parse: %s: %w", server, err)
	}
	if address.Scheme != "https" {
		return nil, fmt.Errorf("only https:// URLs are supported, invalid scheme: %s", server)
	}
	client := &clusterClient{url: strings.TrimRight(server, "/"), user: user, password: parsed.password}
	if parsed.user != "" && user == "" {
		client.user = parsed.user
	}
	ca, err := client.get("/cacerts")
	if err != nil {
		return nil, fmt.Errorf("failed to get CA certs: %w", err)
	}
	client.ca = ca
	if _, err = client.get("/cacerts"); err != nil {
		return nil, fmt.Errorf("CA cert validation failed: %w", err)
	}
	if parsed.caHash == "" {
		logf("warning", "Cluster CA certificate is not trusted by the host CA bundle, but the token does not include "+
			"a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.")
	} else if hash := hashOf(ca); parsed.caHash != hash {
		return nil, fmt.Errorf("token CA hash does not match the Cluster CA certificate hash: %s != %s",
			parsed.caHash, hash)
	}
	return client, nil
}

// get is a file of the supervisor's. Without a CA the server's certificate is not looked at.
func (c *clusterClient) get(path string) ([]byte, error) {
	configuration := &tls.Config{InsecureSkipVerify: c.ca == nil, Certificates: c.certificate, Time: clock}
	if c.ca != nil {
		configuration.RootCAs = x509.NewCertPool()
		configuration.RootCAs.AppendCertsFromPEM(c.ca)
	}
	client := http.Client{Timeout: 10 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: configuration}}
	request, err := http.NewRequest("GET", c.url+path, nil)
	if err != nil {
		return nil, err
	}
	if c.user != "" && path != "/cacerts" {
		request.SetBasicAuth(c.user, c.password)
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return nil, &statusError{response.StatusCode, fmt.Sprintf("%s: %s", c.url+path, response.Status)}
	}
	return body, err
}

// A statusError is an HTTP answer that is none of success.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string { return e.message }

func statusOf(err error) int {
	var status *statusError
	if errors.As(err, &status) {
		return status.code
	}
	return 0
}

// clock is the time by which certificates are judged. The machines of a lab share one clock: K3S_LAB_CLOCK, a duration
// such as -48h, puts this one's wrong.
func clock() time.Time {
	offset, _ := time.ParseDuration(os.Getenv("K3S_LAB_CLOCK"))
	return time.Now().Add(offset)
}
