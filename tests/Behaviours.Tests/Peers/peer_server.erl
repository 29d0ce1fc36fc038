%% A gen_server of Erlang's own, for callers of ours.
-module(peer_server).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3]).

init(State) -> {ok, State}.

handle_call({get, _Key}, _From, State) -> {reply, State, State};
handle_call(crash, _From, _State) -> exit(boom);
handle_call(silence, _From, State) -> {noreply, State};
handle_call({later, Ms, Reply}, From, State) ->
    spawn(fun() -> timer:sleep(Ms), gen_server:reply(From, Reply) end),
    {noreply, State};
handle_call(Any, _From, State) -> {reply, {echo, Any}, State}.

handle_cast({add, N}, State) -> {noreply, State + N};
handle_cast(_, State) -> {noreply, State}.

handle_info(_, State) -> {noreply, State}.

terminate(_, _) -> ok.

code_change(_, State, Extra) -> {ok, State + Extra}.
