namespace CloudScale.Perf.Nodes;

/// <summary>Two nodes in two operating-system processes over loopback: ours with ours, ours with BEAM, BEAM with BEAM, in turns.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["--server", var serverName, var cookie, var schedulers])
            return await Server.Run(serverName, cookie, int.Parse(schedulers));
        if (args is ["--client", var clientName, var clientCookie, var clientSchedulers, var server, var scenario, var ms])
            return await Client.Run(clientName, clientCookie, int.Parse(clientSchedulers), server, scenario, int.Parse(ms));
        return await Runner.Run(args);
    }
}
