package main

import (
	"encoding/binary"
	"io"
	"log"
	"net"
)

const (
	// The message of MongoDB's wire protocol that all commands of today use.
	opMessage = 2013
	// The one with which older clients say hello, and its answer.
	opQuery, opReply = 2004, 1
	// No client has a reason to send more to this server.
	mostBytes = 1 << 20
)

// mongod answers every command of MongoDB's wire protocol with {ok: 1} and what a client wants to know
// when it says hello. It keeps nothing.
func mongod([]string) error {
	listener, err := net.Listen("tcp", ":27017")
	if err != nil {
		return err
	}
	log.Print("Waiting for connections on port 27017")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			for answerMongo(connection) == nil {
			}
		}()
	}
}

func answerMongo(connection io.ReadWriter) error {
	header := make([]byte, 16)
	if _, err := io.ReadFull(connection, header); err != nil {
		return err
	}
	length, request, kind := le(header[0:]), header[4:8], le(header[12:])
	if length < 16 || length > mostBytes {
		return io.ErrUnexpectedEOF
	}
	if _, err := io.CopyN(io.Discard, connection, int64(length)-16); err != nil {
		return err
	}
	var body []byte
	answer := uint32(opMessage)
	switch kind {
	case opMessage:
		// No flags, and one section that is a document.
		body = append(make([]byte, 5), helloDocument()...)
	case opQuery:
		answer = opReply
		body = append(make([]byte, 16), 1, 0, 0, 0)
		body = append(body, helloDocument()...)
	default:
		return io.ErrUnexpectedEOF
	}
	message := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
	message = append(message, 0, 0, 0, 0)
	message = append(message, request...)
	message = binary.LittleEndian.AppendUint32(message, answer)
	_, err := connection.Write(append(message, body...))
	return err
}

func le(bytes []byte) uint32 { return binary.LittleEndian.Uint32(bytes) }

// helloDocument is {ismaster: true, maxWireVersion: 8, minWireVersion: 0, ok: 1} as BSON.
func helloDocument() []byte {
	var fields []byte
	name := func(kind byte, text string) { fields = append(append(append(fields, kind), text...), 0) }
	name(0x08, "ismaster")
	fields = append(fields, 1)
	for _, number := range []struct {
		name  string
		value uint32
	}{{"maxWireVersion", 8}, {"minWireVersion", 0}, {"ok", 1}} {
		name(0x10, number.name)
		fields = binary.LittleEndian.AppendUint32(fields, number.value)
	}
	document := binary.LittleEndian.AppendUint32(nil, uint32(len(fields)+5))
	return append(append(document, fields...), 0)
}
