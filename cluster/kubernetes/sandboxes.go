package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// sandboxTimeout bounds the removal of all sandboxes of a node.
const sandboxTimeout = 60 * time.Second

// removeSandboxes stops and removes every Pod sandbox that the container
// runtime at socket knows, all at once and without a grace period. It is what a
// reset does while the kubelet is stopped: nobody waits for a container that
// ignores SIGTERM.
func removeSandboxes(socket string) error {
	ctx, cancel := context.WithTimeout(context.Background(), sandboxTimeout)
	defer cancel()
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	runtime := cri.NewRuntimeServiceClient(conn)
	list, err := runtime.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(list.Items))
	for i, sandbox := range list.Items {
		wg.Go(func() { errs[i] = removeSandbox(ctx, runtime, sandbox.Id) })
	}
	wg.Wait()
	fmt.Println(len(list.Items), "sandboxes removed")
	return errors.Join(errs...)
}

// removeSandbox ends the containers of one sandbox and removes it.
func removeSandbox(ctx context.Context, runtime cri.RuntimeServiceClient, id string) error {
	if _, err := runtime.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: id}); err != nil {
		return err
	}
	_, err := runtime.RemovePodSandbox(ctx, &cri.RemovePodSandboxRequest{PodSandboxId: id})
	return err
}
