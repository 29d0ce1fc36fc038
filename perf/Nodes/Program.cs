namespace CloudScale.Perf.Nodes;

/// <summary>Two nodes in two operating-system processes over loopback: ours with ours, ours with BEAM, BEAM with BEAM, and a raw loop, in turns.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["--server", var serverName, var cookie, var schedulers])
            return await Server.Run(serverName, cookie, int.Parse(schedulers));
        if (args is ["--client", var clientName, var clientCookie, var clientSchedulers, var server, var scenario, var ms])
            return await Client.Run(clientName, clientCookie, int.Parse(clientSchedulers), server, scenario, int.Parse(ms));
        if (args is ["--raw-server", var port])
            return await RawLoop.Serve(int.Parse(port));
        if (args is ["--raw-client", var serverPort, var loop, var time])
            return RawLoop.Talk(int.Parse(serverPort), loop, int.Parse(time), Client.Print);
        return await Runner.Run(args);
    }
}
