using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Tests.Systemd;

/// <summary>The wire format, against bytes written by hand from the specification.</summary>
public sealed class DBusWireTests
{
    /// <summary>The call of the specification's own kind: one string to a method of a manager.</summary>
    private static readonly byte[] s_call =
    [
        (byte)'l', 1, 0, 1, // little endian, call, no flags, version 1
        8, 0, 0, 0, // body: 8 bytes
        7, 0, 0, 0, // serial
        0x2d, 0, 0, 0, // fields: 45 bytes
        1, 1, (byte)'o', 0, 2, 0, 0, 0, (byte)'/', (byte)'a', 0, 0, 0, 0, 0, 0, // path "/a", padded to 8
        2, 1, (byte)'s', 0, 3, 0, 0, 0, (byte)'x', (byte)'.', (byte)'y', 0, 0, 0, 0, 0, // interface "x.y"
        3, 1, (byte)'s', 0, 4, 0, 0, 0, (byte)'S', (byte)'t', (byte)'o', (byte)'p', 0, // member "Stop"
        0, 0, 0, // to 8: the body's beginning
        3, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c', 0,
    ];

    [Fact]
    public void A_call_is_written_as_the_specification_says()
    {
        var body = new DBusWriter();
        body.Text("abc");
        var call = new DBusMessage { Kind = DBusKind.Call, Serial = 7, Path = "/a", Interface = "x.y", Member = "Stop", Body = body.Written.ToArray() };
        call.Encode().ShouldBe(s_call);
    }

    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        var message = DBusMessage.Decode(s_call).ShouldNotBeNull();
        message.Kind.ShouldBe(DBusKind.Call);
        message.Serial.ShouldBe(7u);
        (message.Path, message.Interface, message.Member).ShouldBe(("/a", "x.y", "Stop"));
        new DBusReader(message.Body.Span).TryText(out var text).ShouldBeTrue();
        text.ShouldBe("abc");

        var reply = new DBusMessage { Kind = DBusKind.Error, Serial = 9, ReplySerial = 7, ErrorName = "org.x.No", Destination = ":1.5", Signature = "s", Body = message.Body };
        DBusMessage.Decode(reply.Encode()).ShouldNotBeNull().ShouldSatisfyAllConditions(
            read => read.ReplySerial.ShouldBe(7u),
            read => read.ErrorName.ShouldBe("org.x.No"),
            read => read.Destination.ShouldBe(":1.5"),
            read => read.Signature.ShouldBe("s"),
            read => read.Body.ToArray().ShouldBe(message.Body.ToArray()));
    }

    [Fact]
    public void Properties_are_structs_at_multiples_of_eight()
    {
        var writer = new DBusWriter();
        writer.Byte(1);
        writer.Properties([new UnitProperty("A", new DBusValue.Number64(5)), new UnitProperty("Bc", new DBusValue.Numbers32([7])), new UnitProperty("D", new DBusValue.Flag(true))]);
        writer.Written.ToArray().ShouldBe(
        [
            1, 0, 0, 0, // one byte, then to 4
            64, 0, 0, 0, // the length of the array does not count what pads its first element: there is nothing to pad here
            1, 0, 0, 0, (byte)'A', 0, 1, (byte)'t', 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, // 8: name, signature, number at 24
            2, 0, 0, 0, (byte)'B', (byte)'c', 0, 2, (byte)'a', (byte)'u', 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, // 32: array of 4 bytes; to 8
            1, 0, 0, 0, (byte)'D', 0, 1, (byte)'b', 0, 0, 0, 0, 1, 0, 0, 0, // 56
        ]);
    }

    [Fact]
    public void An_array_pads_before_its_first_element_and_does_not_count_it()
    {
        var writer = new DBusWriter();
        writer.Array(8, () => writer.Number64(1));
        writer.Written.ToArray().ShouldBe([8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        var empty = new DBusWriter();
        empty.Array(8, static () => { });
        empty.Written.ToArray().ShouldBe([0, 0, 0, 0, 0, 0, 0, 0]);
    }

    [Fact]
    public void Texts_and_bytes_are_arrays()
    {
        var writer = new DBusWriter();
        writer.Variant(new DBusValue.Texts(["x", "yz"]));
        writer.Written.ToArray().ShouldBe([2, (byte)'a', (byte)'s', 0, 15, 0, 0, 0, 1, 0, 0, 0, (byte)'x', 0, 0, 0, 2, 0, 0, 0, (byte)'y', (byte)'z', 0]);
        writer = new DBusWriter();
        writer.Variant(new DBusValue.Bytes(new byte[] { 9, 8 }));
        writer.Written.ToArray().ShouldBe([2, (byte)'a', (byte)'y', 0, 2, 0, 0, 0, 9, 8]);
    }

    [Fact]
    public void What_is_cut_or_changed_is_no_message_and_nothing_is_read_beyond_it()
    {
        for (var length = 0; length < s_call.Length; length++)
            DBusMessage.Decode(s_call.AsMemory(0, length)).ShouldBeNull();

        // Whatever byte becomes whatever: a message or none, never an exception.
        for (var at = 0; at < s_call.Length; at++)
        {
            foreach (var value in (byte[])[0, 1, 0x7f, 0x80, 0xff, (byte)'B'])
            {
                var changed = s_call.ToArray();
                changed[at] = value;
                var message = DBusMessage.Decode(changed);
                if (at is 0 && value != 'l')
                    message.ShouldBeNull();
                if (message is not null)
                    new DBusReader(message.Body.Span).TryText(out _);
            }
        }
    }

    [Fact]
    public void A_length_beyond_the_limit_is_refused_before_anything_is_allocated()
    {
        var huge = s_call.ToArray();
        huge[7] = 0x7f;
        DBusMessage.LengthOf(huge).ShouldBeNull();
        DBusMessage.LengthOf(s_call).ShouldBe(s_call.Length);
    }
}
