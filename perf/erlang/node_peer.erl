%% The two nodes of perf/Nodes in Erlang: the one that is talked to, and the one that talks.
-module(node_peer).
-behaviour(gen_server).
-export([server/0, client/1, id/1, noop/0, init/1, handle_call/3, handle_cast/2]).

id(Term) -> Term.
noop() -> ok.

init([]) -> {ok, []}.
handle_call(Request, _From, State) -> {reply, Request, State}.
handle_cast(_, State) -> {noreply, State}.

server() ->
    register(sink, spawn(fun() -> sink(0, 0, 0) end)),
    register(echo, spawn(fun echo/0)),
    {ok, _} = gen_server:start({local, gs}, ?MODULE, [], []),
    io:format("READY~n"),
    io:get_line(""),
    halt().

sink(Count, Bytes, First) ->
    receive
        {small, N} when N >= 0 -> sink(Count + 1, Bytes + 8, first(Count, First));
        {blob, Binary} -> sink(Count + 1, Bytes + byte_size(Binary), first(Count, First));
        {reset, From, Ref} -> From ! {Ref, ok}, sink(0, 0, 0);
        {report, From, Ref} ->
            From ! {Ref, Count, Bytes, erlang:monotonic_time(microsecond) - First},
            sink(Count, Bytes, First)
    end.

first(0, _) -> erlang:monotonic_time(microsecond);
first(_, First) -> First.

echo() ->
    receive {ping, From} -> From ! pong end,
    echo().

client([Server, Scenario, MsText]) ->
    Peer = Server,
    Ms = list_to_integer(atom_to_list(MsText)),
    true = net_kernel:connect_node(Peer),
    spawn(fun() -> fail_without(Peer) end),
    run(Scenario, Peer, Ms div 2),
    run(Scenario, Peer, Ms),
    halt().

%% What was sent into a connection that is gone is answered by nobody.
fail_without(Peer) ->
    ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
    receive {nodedown, Peer, Info} ->
        io:format(standard_error, "~s is gone: ~p~n", [Peer, Info]),
        halt(1)
    end.

run(small, Peer, Ms) -> stream(Peer, Ms, 0);
run('stream-1k', Peer, Ms) -> stream(Peer, Ms, 1 bsl 10);
run('stream-64k', Peer, Ms) -> stream(Peer, Ms, 64 bsl 10);
run('stream-1m', Peer, Ms) -> stream(Peer, Ms, 1 bsl 20);
run(ping, Peer, Ms) -> pings(Peer, Ms);
run('ping-beside', Peer, Ms) ->
    start_count(Peer),
    Pid = spawn(fun() -> forever(Peer, {blob, binary:copy(<<0>>, 1 bsl 20)}) end),
    timer:sleep(Ms div 4),
    pings(Peer, Ms),
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    print_count(Peer);
run('calls-64', Peer, Ms) -> crowd(64, Ms, fun(_) -> gen_server:call({gs, Peer}, 1, infinity) end);
run(rpc, Peer, Ms) -> crowd(16, Ms, fun(_) -> 1 = rpc:call(Peer, ?MODULE, id, [1]) end);
run(spawn, Peer, Ms) ->
    crowd(16, Ms, fun(_) ->
        {_, Ref} = spawn_monitor(Peer, ?MODULE, noop, []),
        receive {'DOWN', Ref, _, _, _} -> ok end
    end).

forever(Peer, Message) -> {sink, Peer} ! Message, forever(Peer, Message).

print(Figure, Value) -> io:format("@figure ~s ~f~n", [Figure, float(Value)]).

stream(Peer, Ms, Bytes) ->
    start_count(Peer),
    Blob = {blob, binary:copy(<<0>>, max(Bytes, 1))},
    Until = erlang:monotonic_time(millisecond) + Ms,
    case Bytes of
        0 -> smalls(Peer, 0, Until);
        _ -> blobs(Peer, Blob, max(1, (64 bsl 10) div Bytes), Until)
    end,
    print_count(Peer).

start_count(Peer) ->
    Ref = make_ref(),
    {sink, Peer} ! {reset, self(), Ref},
    receive {Ref, ok} -> ok end.

print_count(Peer) ->
    Ref = make_ref(),
    {sink, Peer} ! {report, self(), Ref},
    receive
        {Ref, Count, All, Micros} ->
            print("messages/s", Count * 1.0e6 / Micros),
            print("MB/s", All / Micros)
    end.

smalls(Peer, N, Until) ->
    case erlang:monotonic_time(millisecond) < Until of
        true -> smalls(Peer, some_smalls(Peer, N, 200), Until);
        false -> ok
    end.

some_smalls(_, N, 0) -> N;
some_smalls(Peer, N, Left) -> {sink, Peer} ! {small, N}, some_smalls(Peer, N + 1, Left - 1).

blobs(Peer, Blob, Per, Until) ->
    case erlang:monotonic_time(millisecond) < Until of
        true -> some_blobs(Peer, Blob, Per), blobs(Peer, Blob, Per, Until);
        false -> ok
    end.

some_blobs(_, _, 0) -> ok;
some_blobs(Peer, Blob, Left) -> {sink, Peer} ! Blob, some_blobs(Peer, Blob, Left - 1).

pings(Peer, Ms) ->
    Until = erlang:monotonic_time(millisecond) + Ms,
    Times = lists:sort(ping_times(Peer, Until, [])),
    Count = length(Times),
    print("p50 us", lists:nth(Count div 2, Times) / 1000),
    print("p99 us", lists:nth(trunc(Count * 0.99), Times) / 1000).

ping_times(Peer, Until, Times) ->
    case erlang:monotonic_time(millisecond) < Until of
        false -> Times;
        true ->
            Sent = erlang:monotonic_time(nanosecond),
            {echo, Peer} ! {ping, self()},
            receive pong -> ok end,
            ping_times(Peer, Until, [erlang:monotonic_time(nanosecond) - Sent | Times])
    end.

crowd(Count, Ms, One) ->
    Start = erlang:monotonic_time(microsecond),
    Until = Start + Ms * 1000,
    Me = self(),
    [spawn_link(fun() -> Me ! {done, loop(One, Until, 0)} end) || _ <- lists:seq(1, Count)],
    Total = lists:sum([receive {done, N} -> N end || _ <- lists:seq(1, Count)]),
    print("operations/s", Total * 1.0e6 / (erlang:monotonic_time(microsecond) - Start)).

loop(One, Until, N) ->
    case erlang:monotonic_time(microsecond) < Until of
        true -> One(N), loop(One, Until, N + 1);
        false -> N
    end.
