%% Calls to a state machine that changes its state each time. Twin of StateMachineCall in ../Macro/Scenarios/Behaviours.cs.
-module(statem_call).
-behaviour(gen_statem).
-export([round/2, init/1, callback_mode/0, off/3, on/3]).

%% An operation is one call; Count of them by each of Callers, all to one machine.
round(Callers, Count) ->
    Driver = self(),
    {ok, Machine} = gen_statem:start(?MODULE, [], []),
    [spawn(fun() -> calls(Machine, Count), Driver ! done end) || _ <- lists:seq(1, Callers)],
    wait(Callers),
    gen_statem:stop(Machine),
    Callers * Count.

calls(_Machine, 0) -> ok;
calls(Machine, Left) ->
    State = gen_statem:call(Machine, toggle),
    true = is_atom(State),
    calls(Machine, Left - 1).

callback_mode() -> state_functions.

init([]) -> {ok, off, 0}.

off({call, From}, toggle, Count) -> {next_state, on, Count + 1, [{reply, From, on}]}.

on({call, From}, toggle, Count) -> {next_state, off, Count + 1, [{reply, From, off}]}.

wait(0) -> ok;
wait(Left) -> receive done -> wait(Left - 1) end.
