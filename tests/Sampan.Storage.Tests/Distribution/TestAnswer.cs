using System.Text;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>What the test registry answers, and how it breaks off.</summary>
internal sealed record TestAnswer(int Status, byte[]? Body = null)
{
    public List<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>What Content-Length says; null: the truth.</summary>
    public long? ClaimedLength { get; init; }

    /// <summary>Bytes of the body after which the connection is closed.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Bytes of the body after which nothing more comes; 0: not even the head.</summary>
    public int? StallAfter { get; init; }

    /// <summary>When the rest comes, after <see cref="StallAfter"/> bytes; null: never.</summary>
    public Task? GoesOn { get; init; }

    /// <summary>Close the connection without an answer.</summary>
    public bool HangUp { get; init; }

    public static TestAnswer Json(int status, string json) => new(status, Encoding.UTF8.GetBytes(json)) { Headers = [("Content-Type", "application/json")] };

    public static TestAnswer Error(int status, string code, string message) =>
        Json(status, $$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}""");

    public TestAnswer With(string name, string value) => this with { Headers = [.. Headers, (name, value)] };
}
