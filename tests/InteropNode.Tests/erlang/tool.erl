%% What the checks share.
-module(tool).
-compile([export_all, nowarn_export_all]).

get_one() -> receive M -> M after 10000 -> exit(nothing_came) end.

get_tagged(Ref) -> receive {Ref, _} = M -> M after 20000 -> exit(no_answer) end.

ask(Name, S, Request) ->
    Ref = make_ref(),
    {Name, S} ! {self(), Ref, Request},
    element(2, get_tagged(Ref)).

agent(S) ->
    Ref = make_ref(),
    {spawner, S} ! {new_agent, self(), Ref},
    element(2, get_tagged(Ref)).

do(Agent, Command) ->
    Ref = make_ref(),
    Agent ! {cmd, self(), Ref, Command},
    element(2, get_tagged(Ref)).

%% Runs a check in a process of its own, so that none finds what another left.
run(M, F, S) ->
    {P, Mon} = spawn_monitor(fun() -> exit({done, M:F(S)}) end),
    receive
        {'DOWN', Mon, process, P, {done, _}} -> ok;
        {'DOWN', Mon, process, P, Reason} -> Reason
    end.

eventually(F) -> eventually(F, 400).
eventually(F, 0) -> exit({never, F()});
eventually(F, N) ->
    case catch F() of
        true -> ok;
        _ -> timer:sleep(5), eventually(F, N - 1)
    end.
