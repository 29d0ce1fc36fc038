using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Hosting;
using CloudScale.Runtime.HotCode;
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
        where T : Behaviour => (T)Create(typeof(T), arguments);

    /// <summary>Makes a behaviour of the version of a library that counts now. When the library is replaced, the new object has its services from the same scope.</summary>
    /// <param name="code">The node's code.</param>
    /// <param name="library">The name of the library.</param>
    /// <param name="type">The full name of the class; its constructor takes services, and what is given here.</param>
    /// <param name="arguments">Parameters of the constructor that are no services. A version that takes over by an upgrade has none.</param>
    /// <exception cref="ArgumentException">There is no such library or class, or the class is no behaviour.</exception>
    /// <exception cref="InvalidOperationException">A service is missing.</exception>
    [RequiresUnreferencedCode("Makes objects of classes that trimming does not know of.")]
    public Behaviour Create(CodeServer code, string library, string type, params object[] arguments)
    {
        ArgumentNullException.ThrowIfNull(code);
        return Create(code.TypeOf<Behaviour>(library, type), arguments);
    }

    private Behaviour Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, object[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        AsyncServiceScope scope = _scopes.CreateAsyncScope();
        try
        {
            Behaviour behaviour = (Behaviour)ActivatorUtilities.CreateInstance(scope.ServiceProvider, type, arguments);
            behaviour.Belongings = new Scope(scope, type.Name, _logger);
            return behaviour;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <summary>The scope of a process. Its end is not waited for, and a service that fails at it is logged.</summary>
    private sealed class Scope(AsyncServiceScope scope, string owner, ILogger logger) : IBehaviourScope
    {
        public object Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type) =>
            ActivatorUtilities.CreateInstance(scope.ServiceProvider, type);

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
