using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace CloudScale.Samples.Chat;

/// <summary>Between a window and the room: what is typed goes to the room, what is said in the room to the window.</summary>
internal static class ChatGateway
{
    private const int MaxTextBytes = 4096;

    /// <summary>A window that does not read loses lines, not the room its memory.</summary>
    private static readonly MailboxLimit s_limit = new(1000, MailboxOverflow.DropNewest);

    public static async Task RunAsync(Node node, string user, WebSocket socket, CancellationToken cancellationToken)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid pid = node.Spawn(
            async self =>
            {
                self.Own(new Ending(ended));
                await node.Groups.Join(self, ChatRoom.Group, [self.Pid]);
                foreach (object line in (List)await self.Call(ChatRoom.Name, ChatRoom.History))
                    await ShowAsync(line, socket, self.ExitToken);
                while (true)
                    await ShowAsync(await self.Receive(), socket, self.ExitToken);
            },
            new SpawnOptions { MailboxLimit = s_limit, Label = user }
        );
        try
        {
            while (await ReadAsync(socket, cancellationToken) is { } text)
                node.Cast(ChatRoom.Name, new ChatLine(user, text));
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The window is gone.
        }

        node.Exit(pid, Atoms.Shutdown);
        await ended.Task;
        if (socket.State is WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static async Task ShowAsync(object message, WebSocket socket, CancellationToken cancellationToken)
    {
        if (ChatLine.Read(message) is not { } line)
            return;
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new { user = line.User, text = line.Text });
        await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    /// <summary>One message; null at the end, and for one that is too long.</summary>
    private static async Task<string?> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxTextBytes];
        int filled = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
            filled += result.Count;
            if (result.MessageType != WebSocketMessageType.Text || (filled == buffer.Length && !result.EndOfMessage))
                return null;
            if (result.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, filled);
        }
    }

    private sealed class Ending(TaskCompletionSource ended) : IDisposable
    {
        public void Dispose() => ended.TrySetResult();
    }
}
