using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sampan.Server.Tests.Http;

/// <summary>Puts what the server logs on standard error.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    internal ConcurrentQueue<string> Said { get; } = [];

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var said = $"{logLevel}: {formatter(state, exception)} {exception}";
        Said.Enqueue(said);
        Console.Error.WriteLine(said);
    }
}
