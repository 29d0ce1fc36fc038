await using Node node = await Node.StartAsync(new NodeOptions { Name = "hello@127.0.0.1", Cookie = "secret" });

Pid calculator = node.Spawn(async self =>
{
    while (true)
    {
        switch (await self.Receive())
        {
            case Tuple and [Atom { Name: "add" }, Pid from, long a, long b]:
                self.Send(from, Tuple.Of((Atom)"sum", a + b));
                break;
            case Tuple and [Atom { Name: "crash" }, var why]:
                self.Exit(why);
                break;
        }
    }
});
node.Register("calculator", calculator);

Console.WriteLine("erl -name me@127.0.0.1 -setcookie secret, then: {calculator, 'hello@127.0.0.1'} ! {add, self(), 40, 2}, flush().");
await Task.Delay(Timeout.Infinite);
