using CloudScale;
using Microsoft.Extensions.Logging;

namespace CloudScaleApp;

/// <summary>A server with a number. To Erlang: gen_server:call({counter, 'app@127.0.0.1'}, {add, 2}).</summary>
public sealed class Counter(ILogger<Counter> logger) : GenServer
{
    private long _value;

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case CloudScale.Tuple and [Atom { Name: "add" }, long amount]:
                _value += amount;
                logger.ForProcess(Self).LogInformation("now {Value}", _value);
                return Reply(_value);
            case Atom { Name: "get" }:
                return Reply(_value);
            default:
                return Reply(CloudScale.Tuple.Of((Atom)"error", (Atom)"unknown"));
        }
    }
}
