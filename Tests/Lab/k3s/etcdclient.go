package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"time"
)

// connect makes the client, with this server's certificate for it.
func (e *etcd) connect() error {
	path := filepath.Join(e.tls, "client")
	pair, err := tls.LoadX509KeyPair(path+".crt", path+".key")
	if err != nil {
		return err
	}
	ca, err := loadAuthority(filepath.Join(e.tls, "server-ca"))
	if err != nil {
		return err
	}
	e.client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{pair}}}}
	return nil
}

func (e *etcd) put(key string, value []byte) error {
	return e.call(localEtcd, "kv/put", map[string]any{"key": []byte(key), "value": value}, nil)
}

// list is all keys that begin so.
func (e *etcd) list(prefix string) (map[string][]byte, error) {
	end := []byte(prefix)
	end[len(end)-1]++
	found := struct {
		Kvs []struct{ Key, Value []byte }
	}{}
	err := e.call(localEtcd, "kv/range", map[string]any{"key": []byte(prefix), "range_end": end}, &found)
	result := map[string][]byte{}
	for _, each := range found.Kvs {
		result[string(each.Key)] = each.Value
	}
	return result, err
}

// call is one request to etcd's JSON gateway.
func (e *etcd) call(endpoint, what string, body, into any) error {
	if body == nil {
		body = struct{}{}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, err := e.client.Post(endpoint+"/v3/"+what, "application/json", bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		failure := struct{ Error string }{}
		json.Unmarshal(content, &failure)
		return errors.New(failure.Error)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(content, into)
}
