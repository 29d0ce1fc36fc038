using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <summary>Makes behaviours with services of the host: each process has a scope of its own, from its start to its end.</summary>
/// <remarks>
/// Threads: any. Supervisors take it and make children with it: <c>new ChildSpec("cart", arguments =&gt; factory.Create&lt;Cart&gt;(arguments[0]))</c>. A child that is restarted has fresh scoped services.
/// </remarks>
public sealed class BehaviourFactory
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<BehaviourFactory> _logger;

    /// <summary>Made by the services of the host.</summary>
    public BehaviourFactory(IServiceScopeFactory scopes, ILogger<BehaviourFactory> logger)
    {
        _scopes = scopes;
        _logger = logger;
    }

    /// <summary>Makes a behaviour, to be started once. Its scope ends with its process.</summary>
    /// <typeparam name="T">The class; its constructor takes services, and what is given here.</typeparam>
    /// <param name="arguments">Parameters of the constructor that are no services.</param>
    /// <exception cref="InvalidOperationException">A service is missing.</exception>
    public T Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(params object[] arguments)
        where T : Behaviour
    {
        ArgumentNullException.ThrowIfNull(arguments);
        AsyncServiceScope scope = _scopes.CreateAsyncScope();
        try
        {
            T behaviour = ActivatorUtilities.CreateInstance<T>(scope.ServiceProvider, arguments);
            behaviour.Belongings = new Scope(scope, typeof(T).Name, _logger);
            return behaviour;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <summary>The scope of a process. Its end is not waited for, and a service that fails at it is logged.</summary>
    private sealed class Scope(AsyncServiceScope scope, string owner, ILogger logger) : IDisposable
    {
        public void Dispose() => _ = EndAsync();

        private async Task EndAsync()
        {
            try
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                HostingLog.ScopeFailed(logger, owner, exception);
            }
        }
    }
}
