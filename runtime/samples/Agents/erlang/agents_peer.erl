%% The Erlang side of the sample: a stock node that pings a CloudScale node, looks up agents,
%% gives them work, links to and monitors some, kills some and sees them started again.
-module(agents_peer).
-export([start/2]).

-record(s, {node, agents, pings = 0, lookups = 0, answers = 0, links = 0, downs = 0, kills = 0, restarts = 0, failures = 0}).

-define(PATIENCE, 5000).

start(Node, Agents) ->
    process_flag(trap_exit, true),
    case net_adm:ping(Node) of
        pong ->
            erlang:monitor_node(Node, true),
            loop(#s{node = Node, agents = Agents, pings = 1}, erlang:monotonic_time(millisecond));
        pang ->
            io:format(standard_error, "agents_peer: ~s does not answer~n", [Node]),
            halt(1)
    end.

loop(S0, Reported) ->
    S1 = work_by_name(lists:foldl(fun(_, S) -> work(S) end, S0, lists:seq(1, 200))),
    S2 = kill_linked(kill_monitored(S1)),
    S3 = case net_adm:ping(S2#s.node) of
             pong -> S2#s{pings = S2#s.pings + 1};
             pang -> fail(S2)
         end,
    Now = erlang:monotonic_time(millisecond),
    S4 = drain(S3),
    case Now - Reported >= 500 of
        true -> report(S4), loop(S4, Now);
        false -> loop(S4, Reported)
    end.

%% Looks an agent up in the directory, gives it work, and awaits the answer.
work(S) ->
    Id = rand:uniform(S#s.agents) - 1,
    case where(S, Id) of
        {ok, Pid} ->
            Ref = make_ref(),
            Pid ! {work, self(), Ref, 1},
            await(Ref, Id, S#s{lookups = S#s.lookups + 1});
        error ->
            fail(S)
    end.

%% The same by registered name.
work_by_name(S) ->
    Id = rand:uniform(min(S#s.agents, 1000)) - 1,
    Ref = make_ref(),
    {agent(Id), S#s.node} ! {work, self(), Ref, 1},
    await(Ref, Id, S).

await(Ref, Id, S) ->
    receive
        {Ref, done, Id, Count} when is_integer(Count), Count > 0 -> S#s{answers = S#s.answers + 1}
    after ?PATIENCE -> fail(S)
    end.

kill_monitored(S) ->
    Id = rand:uniform(S#s.agents) - 1,
    case where(S, Id) of
        {ok, Pid} ->
            Ref = monitor(process, Pid),
            exit(Pid, kill),
            receive
                {'DOWN', Ref, process, Pid, killed} ->
                    restarted(S#s{kills = S#s.kills + 1, downs = S#s.downs + 1}, Id, Pid)
            after ?PATIENCE -> fail(S)
            end;
        error ->
            fail(S)
    end.

kill_linked(S) ->
    Id = rand:uniform(S#s.agents) - 1,
    case where(S, Id) of
        {ok, Pid} ->
            link(Pid),
            exit(Pid, {asked_by, node()}),
            receive
                {'EXIT', Pid, {asked_by, _}} ->
                    restarted(S#s{kills = S#s.kills + 1, links = S#s.links + 1}, Id, Pid)
            after ?PATIENCE -> fail(S)
            end;
        error ->
            fail(S)
    end.

%% The directory starts a dead agent again: under its id there is soon another process, and it works.
restarted(S, Id, Old) -> restarted(S, Id, Old, 1000).

restarted(S, _, _, 0) -> fail(S);
restarted(S, Id, Old, Tries) ->
    case where(S, Id) of
        {ok, Old} -> timer:sleep(1), restarted(S, Id, Old, Tries - 1);
        {ok, New} ->
            Ref = make_ref(),
            New ! {work, self(), Ref, 1},
            receive
                {Ref, done, Id, 1} -> S#s{restarts = S#s.restarts + 1}
            after ?PATIENCE -> fail(S)
            end;
        error -> fail(S)
    end.

where(S, Id) ->
    Ref = make_ref(),
    {agents, S#s.node} ! {where, self(), Ref, Id},
    receive
        {Ref, Pid} when is_pid(Pid) -> {ok, Pid}
    after ?PATIENCE -> error
    end.

report(S) ->
    {peer_report, S#s.node} ! {report, S#s.pings, S#s.lookups, S#s.answers, S#s.links, S#s.downs, S#s.kills, S#s.restarts, S#s.failures}.

drain(S) ->
    receive
        {stop, From} ->
            report(S),
            From ! {stopped, self()},
            timer:sleep(100),
            halt(0);
        {nodedown, _} ->
            halt(0);
        _ ->
            drain(S)
    after 0 -> S
    end.

fail(S) -> S#s{failures = S#s.failures + 1}.

agent(Id) -> list_to_atom("agent_" ++ integer_to_list(Id)).
