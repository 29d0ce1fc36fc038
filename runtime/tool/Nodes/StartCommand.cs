using System.CommandLine;
using System.Runtime.Loader;
using CloudScale.Interop.Epmd;
using Microsoft.Extensions.Logging;

namespace CloudScale.Tool.Nodes;

/// <summary><c>cloudscale node</c>: a node with what an assembly holds.</summary>
/// <remarks>
/// Exported are its <see cref="ErlangModuleAttribute"/> classes that can be made without arguments; started is one supervisor, the one named or the only public one. Services that need a host's
/// configuration belong into a host: see the templates.
/// </remarks>
internal static class StartCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<FileInfo> assembly = new("assembly") { Description = "A compiled assembly, with its dependencies beside it." };
        Option<string> name = new("--name", "-n") { Description = "The node's name, name@host.", Required = true };
        Option<string?> cookie = new("--cookie", "-c") { Description = "The cookie; by default that of ~/.erlang.cookie." };
        Option<string?> supervisor = new("--supervisor", "-s")
        {
            Description = "The class of the supervisor to start; the only public one by default.",
        };
        Option<int?> epmdPort = PeerOptions.NewEpmdPort();
        Option<bool> hidden = new("--hidden") { Description = "A hidden node." };
        Command command = new("node", "Starts a node from an assembly: its exported modules, and its supervisor. Ctrl-C stops it.")
        {
            assembly,
            name,
            cookie,
            supervisor,
            epmdPort,
            hidden,
        };
        command.SetGuardedAction(
            console,
            async (result, cancellationToken) =>
            {
                Type[] types = Load(result.GetRequiredValue(assembly));
                NodeOptions options = new()
                {
                    Name = result.GetRequiredValue(name),
                    Cookie = result.GetValue(cookie) ?? Cookies.Read(Cookies.DefaultPath),
                    EpmdPort = result.GetValue(epmdPort),
                    Hidden = result.GetValue(hidden),
                };
                Type? root = SupervisorIn(types, result.GetValue(supervisor));
                await using Node node = await StartAsync(options, new ConsoleLog(console.Error), cancellationToken);
                foreach (Type module in types.Where(type => IsMakeable(type) && type.IsAssignableTo(typeof(IErlangModule))))
                    node.Functions.Export((IErlangModule)Activator.CreateInstance(module)!);
                Task ended = Task.Delay(Timeout.Infinite, cancellationToken);
                if (root is not null)
                    ended = await StartAsync(node, root);
                console.WriteLine($"READY {node.Name.Name}");
                Task first = await Task.WhenAny(ended, Task.Delay(Timeout.Infinite, cancellationToken));
                if (first != ended || cancellationToken.IsCancellationRequested)
                    return NodeCommand.Ok;
                await ended;
                throw new ToolException($"{root?.Name} has ended.");
            }
        );
        return command;
    }

    private static async Task<Node> StartAsync(NodeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await Node.StartAsync(options, logger, cancellationToken);
        }
        catch (Exception exception) when (exception is EpmdException or ArgumentException)
        {
            throw new ToolException(exception.Message);
        }
    }

    /// <summary>Starts the supervisor; the task ends when it does.</summary>
    private static async Task<Task> StartAsync(Node node, Type root)
    {
        StartResult result = await node.StartAsync((Supervisor)Activator.CreateInstance(root)!);
        if (!result.IsOk)
            throw new ToolException($"{root.Name} does not start: {Term.Format(result.ToTerm())}");
        return node.RunAsync(async self =>
        {
            self.Monitor(result.Pid);
            return await self.Receive<Down>();
        });
    }

    private static Type[] Load(FileInfo file)
    {
        if (!file.Exists)
            throw new ToolException($"{file.FullName} does not exist.");
        AssemblyDependencyResolver resolver = new(file.FullName);
        // Ours are this program's own: a type is the same only in the same assembly.
        AssemblyLoadContext.Default.Resolving += (context, wanted) =>
            resolver.ResolveAssemblyToPath(wanted) is { } path ? context.LoadFromAssemblyPath(path) : null;
        try
        {
            return [.. AssemblyLoadContext.Default.LoadFromAssemblyPath(file.FullName).GetExportedTypes()];
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException)
        {
            throw new ToolException($"{file.Name} cannot be loaded: {exception.Message}");
        }
    }

    private static bool IsMakeable(Type type) =>
        type is { IsAbstract: false, IsClass: true } && type.GetConstructor(Type.EmptyTypes) is not null;

    private static Type? SupervisorIn(Type[] types, string? name)
    {
        Type[] supervisors = [.. types.Where(type => IsMakeable(type) && type.IsAssignableTo(typeof(Supervisor)))];
        if (name is not null)
            return supervisors.FirstOrDefault(type => type.FullName == name || type.Name == name)
                ?? throw new ToolException($"No public supervisor '{name}' that can be made without arguments.");
        return supervisors.Length <= 1
            ? supervisors.FirstOrDefault()
            : throw new ToolException($"Choose one with --supervisor: {string.Join(", ", supervisors.Select(type => type.FullName))}.");
    }

    /// <summary>Warnings and worse, a line each.</summary>
    private sealed class ConsoleLog(TextWriter output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                output.WriteLine($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
