using System.Text;

namespace Sampan.Cli.Compose;

/// <summary>Gives away what is written a line at a time; the last one, if it has no end, when it is flushed for the last time.</summary>
internal sealed class LineWriter(Action<string> line) : TextWriter
{
    private readonly StringBuilder _open = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value == '\r') return;
        if (value != '\n')
        {
            _open.Append(value);
            return;
        }
        line(_open.ToString());
        _open.Clear();
    }

    protected override void Dispose(bool disposing)
    {
        if (_open.Length > 0) Write('\n');
        base.Dispose(disposing);
    }
}
