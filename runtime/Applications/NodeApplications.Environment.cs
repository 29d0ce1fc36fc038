using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Applications;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace CloudScale;

/// <content>Environments: what applications are configured by.</content>
public sealed partial class NodeApplications
{
    private IConfiguration? _configuration;

    /// <summary>A value of an application's environment.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryGetEnv(Atom application, Atom key, [MaybeNullWhen(false)] out object value)
    {
        value = null;
        return _table.Environments.TryGetValue(application, out ApplicationEnvironment? environment)
            && environment.Values.TryGetValue(key, out value);
    }

    /// <summary>A value of an application's environment; the default if there is none.</summary>
    public object GetEnv(Atom application, Atom key, object otherwise) =>
        TryGetEnv(application, key, out object? value) ? value : otherwise;

    /// <summary>A value of the environment of the calling process's application.</summary>
    /// <returns>Whether the process is of an application, and there is one.</returns>
    public bool TryGetEnv(Self self, Atom key, [MaybeNullWhen(false)] out object value)
    {
        value = null;
        return GetApplication(self) is { } application && TryGetEnv(application, key, out value);
    }

    /// <summary>The whole environment of an application.</summary>
    public IReadOnlyDictionary<Atom, object> GetAllEnv(Atom application) =>
        _table.Environments.TryGetValue(application, out ApplicationEnvironment? environment)
            ? environment.Values
            : System.Collections.Immutable.ImmutableDictionary<Atom, object>.Empty;

    /// <summary>Sets a value. No callback is told.</summary>
    /// <param name="application">The application, loaded or not.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Any term.</param>
    /// <param name="persistent">Whether it stays when the application is loaded, and when the configuration changes.</param>
    public void SetEnv(Atom application, Atom key, object value, bool persistent = false)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _table.Environments.GetOrAdd(application, static _ => new ApplicationEnvironment()).Set(key, value, persistent);
    }

    /// <summary>Removes a value.</summary>
    /// <inheritdoc cref="SetEnv" path="/param"/>
    public void UnsetEnv(Atom application, Atom key, bool persistent = false)
    {
        if (_table.Environments.TryGetValue(application, out ApplicationEnvironment? environment))
            environment.Unset(key, persistent);
    }

    /// <summary>
    /// From now on a configuration has a section for each application: its values go before those of the definition. When it is reloaded, each application that runs and concerned has its
    /// <see cref="Application.ConfigChange"/> called.
    /// </summary>
    /// <param name="configuration">Sections by the names of applications, for example <c>configuration.GetSection("Applications")</c>.</param>
    /// <returns>Ends the watch for reloads; what has been read stays.</returns>
    public IDisposable UseConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _configuration = configuration;
        foreach (ApplicationDefinition definition in Loaded)
            Configure(definition);
        return ChangeToken.OnChange(configuration.GetReloadToken, () => _processes.Spawn(Reconfigure));
    }

    /// <summary>Reads the configuration again and tells the applications that are concerned; a reload does so by itself.</summary>
    /// <remarks>Ends when all of them have been told.</remarks>
    public async ProcessTask Reconfigure(Self self)
    {
        foreach (ApplicationDefinition definition in Loaded)
        {
            if (
                Configure(definition) is not { IsEmpty: false } change
                || _table.Find(definition.Name) is not { Master.IsNone: false } running
            )
                continue;
            try
            {
                await self.Call(running.Master, change, Timeout.InfiniteTimeSpan);
            }
            catch (ProcessExitException) { } // it has stopped meanwhile
        }
    }

    private EnvironmentChange? Configure(ApplicationDefinition definition)
    {
        if (
            _configuration is not { } configuration
            || !_table.Environments.TryGetValue(definition.Name, out ApplicationEnvironment? environment)
        )
            return null;
        try
        {
            return environment.Configure(ConfigurationTerms.Read(configuration.GetSection(definition.Name.Name), definition.Environment));
        }
        catch (FormatException exception)
        {
            ApplicationLog.BadConfiguration(_processes.Logger, exception, definition.Name);
            return null;
        }
    }
}
