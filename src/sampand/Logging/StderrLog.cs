using System.Text;
using Microsoft.Extensions.Logging;
using Sampan.Storage;

namespace Sampand.Logging;

/// <summary>
/// Logs to standard error, one line per event: <c>2026-01-02T03:04:05.678Z info  engine: container started</c>.
/// What a failure's stack says follows in the same line's own indented lines.
/// </summary>
internal sealed class StderrLog(TimeProvider time, LogLevel level) : ILoggerFactory
{
    private readonly Stream _output = Console.OpenStandardError();
    private readonly Lock _gate = new();
    private volatile int _level = (int)level;

    /// <summary>What is logged; may change while the daemon runs.</summary>
    internal LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the daemon logs to standard error only");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? failure)
    {
        var word = level switch
        {
            LogLevel.Critical => "fatal",
            LogLevel.Error => "error",
            LogLevel.Warning => "warn ",
            LogLevel.Information => "info ",
            _ => "debug",
        };
        var text = new StringBuilder();
        text.Append(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture))
            .Append(' ').Append(word).Append(' ').Append(category).Append(": ").Append(message.ReplaceLineEndings("\\n"));
        // What a disk refuses is said in the line, and no mistake of ours that its stack would help to find.
        if (failure is not null && !DiskRefusal.Is(failure))
            text.Append("\n  ").Append(failure.ToString().ReplaceLineEndings("\n  "));
        var line = Encoding.UTF8.GetBytes(text.Append('\n').ToString());
        lock (_gate)
        {
            try
            {
                _output.Write(line);
            }
            catch (IOException)
            {
                // Nobody reads standard error any more: the daemon goes on without.
            }
        }
    }

    private sealed class Category(StderrLog log, string name) : ILogger
    {
        // Kestrel's own debug lines describe connections, not what the daemon does.
        private readonly LogLevel _least = name.StartsWith("Microsoft.", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Trace;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Level && logLevel >= _least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(logLevel, name, formatter(state, exception), exception);
        }
    }
}
