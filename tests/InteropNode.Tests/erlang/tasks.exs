# task_sup and gs as Elixir programs use them. Prints "ok", or fails.
[sample] = System.argv()
node = String.to_atom(sample)
true = Node.connect(node)
sup = {:task_sup, node}
gs = {:gs, node}

eventually = fn again, condition, left ->
  cond do
    condition.() -> :ok
    left == 0 -> raise "never"
    true -> Process.sleep(10); again.(again, condition, left - 1)
  end
end

3 = Task.await(Task.Supervisor.async(sup, :conformance, :add, [1, 2]))
%Task{pid: pid} = task = Task.Supervisor.async_nolink(sup, :conformance, :wait, [])
^node = node(pid)
[^pid] = Task.Supervisor.children(sup)
send(pid, {:stop, :finished})
{:exit, :finished} = Task.yield(task, 5000)
eventually.(eventually, fn -> Task.Supervisor.children(sup) == [] end, 200)

[4, 6] = [Task.Supervisor.async(sup, :conformance, :add, [2, 2]), Task.Supervisor.async(sup, :conformance, :add, [3, 3])] |> Task.await_many()

# A failure ends the task with reason and stack, and a function that is not there with undef.
{:exit, {:oops, [_ | _]}} = Task.yield(Task.Supervisor.async_nolink(sup, :conformance, :raise, [:error, :oops]), 5000)
{:exit, {:undef, [{:no, :such, [1], []}]}} = Task.yield(Task.Supervisor.async_nolink(sup, :no, :such, [1]), 5000)
{:exit, {{:nocatch, :ball}, _}} = Task.yield(Task.Supervisor.async_nolink(sup, :conformance, :raise, [:throw, :ball]), 5000)

# A linked task takes its owner with it.
Process.flag(:trap_exit, true)
linked = Task.Supervisor.async(sup, :conformance, :wait, [])
send(linked.pid, {:stop, :both})
linked_pid = linked.pid
receive do {:EXIT, ^linked_pid, :both} -> :ok after 5000 -> raise "no exit" end

# One that nobody is linked to ends when it is told to.
parent = self()
owner = spawn(fn ->
  send(parent, {:task, Task.Supervisor.async_nolink(sup, :conformance, :sleep, [600_000]).pid})
  Process.sleep(:infinity)
end)
awaited = receive do {:task, t} -> t after 5000 -> raise "no task" end
Task.Supervisor.terminate_child(sup, awaited)
Process.exit(owner, :kill)

{:ok, child} = Task.Supervisor.start_child(sup, :erlang, :send, [self(), {:from_child, 1}])
^node = node(child)
receive do {:from_child, 1} -> :ok after 5000 -> raise "nothing from the child" end
{:ok, waiting} = Task.Supervisor.start_child(sup, :conformance, :wait, [])
eventually.(eventually, fn -> Task.Supervisor.children(sup) == [waiting] end, 200)
:ok = Task.Supervisor.terminate_child(sup, waiting)
eventually.(eventually, fn -> Task.Supervisor.children(sup) == [] end, 200)
{:error, :not_found} = Task.Supervisor.terminate_child(sup, waiting)

# GenServer.
:init = GenServer.call(gs, :get_state)
:ok = GenServer.cast(gs, {:set_state, %{a: 1}})
%{a: 1} = GenServer.call(gs, :get_state, 1000)
{:from, ^parent} = GenServer.call(gs, :caller)
{:timeout, _} = try do GenServer.call(gs, :no_reply, 50) catch :exit, reason -> reason end
%{a: 1} = :sys.get_state(gs)
:ok = GenServer.call(gs, {:set_state, :init})
[{:w1, _, :worker, [:conformance]}, {:w2, _, :worker, [:conformance]}] = Enum.sort(Supervisor.which_children({:sup, node}))
{:ok, worker} = :supervisor.start_child({:dyn_sup, node}, [:from_elixir])
ref = make_ref()
send(worker, {self(), ref, :id})
receive do {^ref, :from_elixir} -> :ok after 5000 -> raise "no worker" end
send(worker, {:exit, :normal})
IO.puts("ok")
