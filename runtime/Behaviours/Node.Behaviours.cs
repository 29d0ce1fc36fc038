using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale;

/// <content>Behaviours from host code: each method does in a short-lived process what its namesake does in the caller's.</content>
public sealed partial class Node
{
    /// <summary>Starts a process, without a link and without a parent.</summary>
    /// <param name="behaviour">A fresh object; it belongs to the process from here on.</param>
    /// <param name="options">Name, time-out and the rest.</param>
    /// <returns>How the start ended, when <c>Init</c> has returned.</returns>
    public Task<StartResult> StartAsync(Behaviour behaviour, StartOptions? options = null) =>
        RunAsync(self => self.Start(behaviour, options));

    /// <summary>Calls a server.</summary>
    /// <inheritdoc cref="GenServerExtensions.Call(Self, ServerRef, object, TimeSpan?)" path="/*[not(self::param[@name='self'])]"/>
    public Task<object> CallAsync(ServerRef server, object request, TimeSpan? timeout = null)
    {
        if (!CallActivities.IsOn || Activity.Current is not { } caller)
            return RunAsync(self => self.Call(server, request, timeout));
        return RunAsync(self =>
        {
            Activity.Current = caller; // the process runs on another thread
            ProcessTask<object> call = self.Call(server, request, timeout);
            Activity.Current = null;
            return call;
        });
    }

    /// <summary>Calls a server, and gives the answer as the type that the request names.</summary>
    /// <inheritdoc cref="GenServerExtensions.Call{TReply}(Self, ServerRef, ICall{TReply}, TimeSpan?)" path="/*[not(self::param[@name='self'])]"/>
    public async Task<TReply> CallAsync<TReply>(ServerRef server, ICall<TReply> request, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.ReadReply(await CallAsync(server, (object)request, timeout).ConfigureAwait(false));
    }

    /// <summary>Casts to a server. Never fails.</summary>
    public void Cast(ServerRef server, object request)
    {
        if (server.Via is not null)
            Spawn(async self => await self.Cast(server, request));
        else if (server.Name is { } name)
            Send(name, server.Node ?? Name, new GenCast(request));
        else
            Send(server.Pid, new GenCast(request));
    }

    /// <summary>Answers a call from outside of any process.</summary>
    public void Reply(From from, object reply)
    {
        Tuple answer = Tuple.Of(from.Tag, reply);
        if (from.Tag is List { Count: 1, Tail: Reference alias })
            Processes.Send(alias, answer);
        else
            Send(from.Caller, answer);
    }

    /// <summary>Asks a process to terminate and exit, and waits until it has.</summary>
    /// <inheritdoc cref="StopExtensions.Stop" path="/*[not(self::param[@name='self'])]"/>
    public Task StopAsync(ServerRef server, object? reason = null, TimeSpan? timeout = null) =>
        RunAsync(async self =>
        {
            await self.Stop(server, reason, timeout);
            return true;
        });

    /// <summary>Runs something in a process of its own, and gives what it returns.</summary>
    /// <exception cref="ProcessExitException">It exited.</exception>
    public Task<T> RunAsync<T>(Func<Self, ProcessTask<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Spawn(async self =>
        {
            self.Own(new Abandonment<T>(done));
            try
            {
                done.TrySetResult(await body(self));
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>The process was ended from outside, by the stop of the node say: whoever waits must not wait for ever.</summary>
    private sealed class Abandonment<T>(TaskCompletionSource<T> done) : IDisposable
    {
        public void Dispose() => done.TrySetException(new ProcessExitException(Atoms.Killed));
    }
}
