import com.ericsson.otp.erlang.*;
import java.util.Arrays;

/** A Java node of Erlang's own library (Jinterface) beside the sample: Peer SAMPLE COOKIE. Prints "ok", or the first thing that is wrong. */
public final class Peer {
    private static final long PATIENCE = 20_000; // ms

    private final String sample;
    private final OtpNode node;
    private final OtpMbox box;

    private Peer(String sample, String cookie) throws Exception {
        this.sample = sample;
        node = new OtpNode("java@127.0.0.1", cookie);
        box = node.createMbox("box");
    }

    public static void main(String[] arguments) {
        try {
            Peer peer = new Peer(arguments[0], arguments[1]);
            peer.ping(arguments[1]);
            peer.echo();
            peer.server();
            peer.order();
            peer.links();
            peer.monitors();
            peer.rpc(arguments[1]);
            peer.called();
        } catch (Exception | AssertionError wrong) {
            wrong.printStackTrace();
            System.exit(1); // threads of the library live on
        }

        System.out.println("ok");
        System.exit(0);
    }

    private static void check(boolean holds, Object what) {
        if (!holds)
            throw new AssertionError(String.valueOf(what));
    }

    private static OtpErlangAtom atom(String name) {
        return new OtpErlangAtom(name);
    }

    private static OtpErlangTuple tuple(OtpErlangObject... elements) {
        return new OtpErlangTuple(elements);
    }

    private OtpErlangObject receive() throws Exception {
        OtpErlangObject message = box.receive(PATIENCE);
        check(message != null, "nothing came");
        return message;
    }

    private void ping(String cookie) throws Exception {
        check(node.ping(sample, PATIENCE), "the sample does not answer a ping");
        OtpNode stranger = new OtpNode("stranger@127.0.0.1", cookie + "x");
        check(!stranger.ping(sample, 2_000), "a wrong cookie is good enough");
        stranger.close();
    }

    private void echo() throws Exception {
        byte[] bytes = new byte[2_000_000];
        for (int i = 0; i < bytes.length; i++)
            bytes[i] = (byte) i;
        OtpErlangObject[] terms = {
            atom("grüße"), new OtpErlangLong(-1), new OtpErlangLong(new java.math.BigInteger("123456789012345678901234567890")),
            new OtpErlangDouble(0.1), new OtpErlangString("grüße"), new OtpErlangBinary(bytes), new OtpErlangBitstr(new byte[] {1, (byte) 0x80}, 3),
            new OtpErlangList(), new OtpErlangList(new OtpErlangObject[] {atom("a")}, atom("tail")), tuple(), node.createRef(), box.self(),
            new OtpErlangMap(new OtpErlangObject[] {atom("k"), new OtpErlangLong(2)}, new OtpErlangObject[] {atom("v"), tuple(atom("x"))}),
            new OtpErlangExternalFun("lists", "map", 2),
        };
        for (OtpErlangObject term : terms) {
            box.send("echo", sample, tuple(box.self(), term));
            OtpErlangTuple answer = (OtpErlangTuple) receive();
            check(answer.elementAt(0) instanceof OtpErlangPid, answer);
            check(answer.elementAt(1).equals(term), answer.elementAt(1) + ", not " + term);
        }
    }

    private OtpErlangObject call(String server, OtpErlangObject request) throws Exception {
        OtpErlangRef reference = node.createRef();
        box.send(server, sample, tuple(atom("$gen_call"), tuple(box.self(), reference), request));
        OtpErlangTuple answer = (OtpErlangTuple) receive();
        check(answer.elementAt(0).equals(reference), answer);
        return answer.elementAt(1);
    }

    private void server() throws Exception {
        OtpErlangObject state = tuple(atom("from"), new OtpErlangString("java"));
        check(call("gs", tuple(atom("set_state"), state)).equals(atom("ok")), "set_state");
        check(call("gs", atom("get_state")).equals(state), "get_state");
        check(call("gs", tuple(atom("set_state"), atom("init"))).equals(atom("ok")), "set_state");
        check(call("gs", atom("caller")).equals(tuple(atom("from"), box.self())), "caller");
    }

    private OtpErlangPid newAgent() throws Exception {
        box.send("spawner", sample, tuple(atom("new_agent"), box.self(), atom("ref")));
        return (OtpErlangPid) ((OtpErlangTuple) receive()).elementAt(1);
    }

    private void command(OtpErlangPid agent, OtpErlangObject command) {
        box.send(agent, tuple(atom("cmd"), box.self(), atom("ref"), command));
    }

    private void order() throws Exception {
        OtpErlangPid agent = newAgent();
        command(agent, tuple(atom("send_many"), box.self(), atom("n"), new OtpErlangLong(10_000)));
        for (long i = 1; i <= 10_000; i++) {
            OtpErlangObject message = receive();
            check(message.equals(tuple(atom("n"), new OtpErlangLong(i))), message + " at " + i);
        }

        check(receive().equals(tuple(atom("ref"), tuple(atom("ok"), new OtpErlangLong(10_000)))), "the agent's answer");
        command(agent, tuple(atom("exit"), atom("normal")));
    }

    /** An exit goes over a link in both directions. */
    private void links() throws Exception {
        OtpErlangPid agent = newAgent();
        box.link(agent);
        command(agent, tuple(atom("exit"), tuple(atom("because"), new OtpErlangLong(7))));
        try {
            OtpErlangObject message = receive();
            check(false, message + ", not an exit");
        } catch (OtpErlangExit exit) {
            check(exit.reason().equals(tuple(atom("because"), new OtpErlangLong(7))) && exit.pid().equals(agent), exit.reason());
        }

        OtpErlangPid other = newAgent();
        OtpMbox mortal = node.createMbox();
        mortal.link(other);
        mortal.unlink(other);
        mortal.link(other);
        mortal.exit("java_has_gone");
        for (int times = 0; isAlive(other); times++) {
            check(times < 200, "the linked process lives on");
            Thread.sleep(50);
        }
    }

    private boolean isAlive(OtpErlangPid pid) throws Exception {
        OtpErlangPid agent = newAgent();
        command(agent, tuple(atom("apply"), atom("erlang"), atom("is_process_alive"), new OtpErlangList(new OtpErlangObject[] {pid})));
        OtpErlangObject answer = ((OtpErlangTuple) receive()).elementAt(1);
        command(agent, tuple(atom("exit"), atom("normal")));
        return answer.equals(tuple(atom("ok"), atom("true")));
    }

    /** A monitor of a process of ours, which the library cannot keep, watches the connection alone. */
    private void monitors() throws Exception {
        OtpErlangPid agent = newAgent();
        OtpMbox mortal = node.createMbox();
        OtpErlangList arguments = new OtpErlangList(new OtpErlangObject[] {atom("process"), mortal.self()});
        command(agent, tuple(atom("apply"), atom("erlang"), atom("monitor"), arguments));
        OtpErlangTuple answer = (OtpErlangTuple) ((OtpErlangTuple) receive()).elementAt(1);
        check(answer.elementAt(0).equals(atom("ok")) && answer.elementAt(1) instanceof OtpErlangRef, answer);
        check(call("gs", tuple(atom("echo"), atom("still_here"))).equals(atom("still_here")), "the connection has ended");
        command(agent, tuple(atom("exit"), atom("normal")));
    }

    private void rpc(String cookie) throws Exception {
        OtpSelf self = new OtpSelf("javarpc@127.0.0.1", cookie);
        OtpConnection connection = self.connect(new OtpPeer(sample));
        connection.sendRPC("conformance", "add", new OtpErlangObject[] {new OtpErlangLong(40), new OtpErlangLong(2)});
        check(connection.receiveRPC().equals(new OtpErlangLong(42)), "add");
        connection.sendRPC("nobody", "knows", new OtpErlangObject[] {});
        OtpErlangTuple refused = (OtpErlangTuple) connection.receiveRPC();
        check(refused.elementAt(0).equals(atom("badrpc")) && refused.toString().contains("undef"), refused);
        connection.close();
    }

    /** The sample sends by name to a node that it does not know yet. */
    private void called() throws Exception {
        OtpNode other = new OtpNode("listening@127.0.0.1", node.cookie());
        OtpMbox named = other.createMbox("named");
        OtpErlangObject to = tuple(atom("named"), atom("listening@127.0.0.1"));
        box.send("gs", sample, tuple(atom("$gen_cast"), tuple(atom("tell"), to, atom("hello"))));
        OtpErlangObject message = named.receive(PATIENCE);
        check(atom("hello").equals(message), message);
        check(Arrays.asList(other.getNames()).contains("named"), "names");
        OtpErlangList asked = new OtpErlangList(new OtpErlangObject[] {atom("listening@127.0.0.1")});
        OtpErlangPid agent = newAgent();
        command(agent, tuple(atom("apply"), atom("net_adm"), atom("ping"), asked));
        OtpErlangObject answer = ((OtpErlangTuple) receive()).elementAt(1);
        check(answer.equals(tuple(atom("ok"), atom("pong"))), answer);
        other.close();
    }
}
