/** simple-hl7 3.3 brings no types: what the measurements and the peers of the tests call. */
declare module 'simple-hl7' {
  interface Message {
    header: { getField(index: number): { toString(): string } | string };
    getSegment(name: string): {
      getField(index: number): { toString(): string } | string;
      getComponent(field: number, component: number): { toString(): string } | string;
    };
    log(): string;
    toString(): string;
  }
  interface TcpRequest {
    msg: Message;
    raw: string;
  }
  interface TcpResponse {
    ack: Message;
    end(): void;
  }
  interface TcpApp {
    use(handler: (req: TcpRequest, res: TcpResponse, next: (error?: unknown) => void) => void): void;
    start(port: number, encoding?: string): void;
    stop(): void;
  }
  const hl7: {
    tcp(): TcpApp;
    Parser: new () => { parse(text: string): Message };
    Server: {
      createTcpClient(host: string, port: number): { send(message: Message, done: (error: unknown, ack: Message) => void): void; close(): void };
    };
  };
  export default hl7;
}
