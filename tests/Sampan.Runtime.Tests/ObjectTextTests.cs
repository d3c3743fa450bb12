using System.Text.Json;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Tests;

/// <summary>What the runtime writes without a serializer is JSON, whatever the texts are.</summary>
public class ObjectTextTests
{
    [Theory]
    [InlineData("/plain/path")]
    [InlineData("quote \" backslash \\ line\nfeed\ttab \u0001 <&> ü € 𝄞 \u2028")]
    [InlineData("")]
    public void A_text_is_read_back_as_it_was(string text)
    {
        var json = new ObjectText();
        json.Add("first"u8, text);
        json.Add("missing"u8, (string?)null);
        json.Add("second"u8, long.MinValue);
        json.Add("third"u8, true);
        json.Add("last"u8, new DateTimeOffset(2026, 11, 21, 13, 57, 16, 123, TimeSpan.Zero));

        using var document = JsonDocument.Parse(json.ToArray());

        document.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["first", "second", "third", "last"]);
        document.RootElement.GetProperty("first").GetString().ShouldBe(text);
        document.RootElement.GetProperty("second").GetInt64().ShouldBe(long.MinValue);
        document.RootElement.GetProperty("third").GetBoolean().ShouldBeTrue();
        document.RootElement.GetProperty("last").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 11, 21, 13, 57, 16, 123, TimeSpan.Zero));
    }

    [Fact]
    public void A_long_text_makes_room_for_itself()
    {
        var text = new string('"', 100_000);
        var json = new ObjectText();
        json.Add("text"u8, text);

        using var document = JsonDocument.Parse(json.ToArray());

        document.RootElement.GetProperty("text").GetString().ShouldBe(text);
    }

    [Fact]
    public void A_record_is_read_back_as_it_was()
    {
        var record = new ContainerRecord
        {
            Id = "id", Pid = 17, StartTicks = 1234567, Bundle = "/a \"bundle\"", CgroupPath = "/sampan/id", SessionKeyring = "_ses.id", SystemdUnit = "sampan-id.scope", IsPlain = true,
            CreatedAt = new DateTimeOffset(2026, 11, 21, 13, 57, 16, TimeSpan.Zero),
        };

        RuntimeDocument.ReadRecord(RuntimeDocument.Write(record)).ShouldBe(record);
        RuntimeDocument.ReadRecord(RuntimeDocument.Write(record with { CgroupPath = null, SessionKeyring = null, SystemdUnit = null, IsPlain = false })).ShouldBe(record with { CgroupPath = null, SessionKeyring = null, SystemdUnit = null, IsPlain = false });
    }
}
