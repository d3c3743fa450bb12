using System.Runtime.InteropServices;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;

namespace Sampan.Linux.Tests.Netlink;

public class NetlinkWireTests
{
    [Fact]
    public void A_message_is_written_as_the_kernel_reads_it()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(16, NetlinkFlags.Request | NetlinkFlags.Ack, 7);
        writer.Attribute(3, "lo");
        writer.EndMessage();

        Convert.ToHexString(writer.Written).ShouldBe(
            "18000000" + "1000" + "0500" + "07000000" + "00000000" // length 24, type, flags, sequence, port
            + "0700" + "0300" + "6C6F0000"); // length 7 (header, "lo", null), type 3, padded to four bytes
    }

    [Fact]
    public void Nested_attributes_carry_their_length_and_flag()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(1, NetlinkFlags.None, 1);
        var nested = writer.BeginNested(2);
        writer.AttributeBigEndian(1, 0x01020304u);
        writer.EndNested(nested);
        writer.EndMessage();

        Convert.ToHexString(writer.Written[NetlinkWriter.HeaderSize..]).ShouldBe("0C00" + "0280" + "0800" + "0100" + "01020304");
    }

    [Fact]
    public void A_value_that_does_not_fit_its_length_field_is_refused_and_never_cut()
    {
        // CVE-2021-43784: a 16-bit length overflowed and let the value's content be read as attributes.
        var writer = new NetlinkWriter();
        writer.BeginMessage(1, NetlinkFlags.None, 1);

        Should.Throw<ArgumentException>(() => writer.Attribute(1, new byte[ushort.MaxValue]));
        writer.Attribute(1, new byte[ushort.MaxValue - 4]);
        var nested = writer.BeginNested(2);
        writer.Attribute(1, new byte[40000]);
        writer.Attribute(1, new byte[40000]);
        Should.Throw<InvalidOperationException>(() => writer.EndNested(nested));
    }

    [Fact]
    public void A_name_with_a_null_inside_is_refused()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(1, NetlinkFlags.None, 1);

        Should.Throw<ArgumentException>(() => writer.Attribute(1, "eth0\0x"));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(16, NetlinkFlags.None, 1);
        writer.Attribute(1, "first");
        writer.Attribute(2, 42u);
        writer.EndMessage();
        writer.BeginMessage(17, NetlinkFlags.Multi, 2);
        writer.EndMessage();

        var walk = new NetlinkMessages(writer.Written);
        walk.MoveNext().ShouldBeTrue();
        walk.Type.ShouldBe((ushort)16);
        var attributes = new NetlinkAttributes(walk.Payload);
        attributes.MoveNext().ShouldBeTrue();
        attributes.Text.ShouldBe("first");
        attributes.MoveNext().ShouldBeTrue();
        attributes.Number.ShouldBe(42u);
        attributes.MoveNext().ShouldBeFalse();
        walk.MoveNext().ShouldBeTrue();
        (walk.Type, walk.Sequence, walk.Payload.Length).ShouldBe(((ushort)17, 2u, 0));
        walk.MoveNext().ShouldBeFalse();
        walk.Damaged.ShouldBeFalse();
    }

    [Theory]
    [InlineData("10")] // shorter than a header
    [InlineData("0F000000100000000000000000000000")] // claims less than a header
    [InlineData("11000000100000000000000000000000")] // claims more than there is
    [InlineData("FFFFFFFF100000000000000000000000")] // claims 4 GiB
    public void A_damaged_message_ends_the_walk(string hex)
    {
        var walk = new NetlinkMessages(Convert.FromHexString(hex));

        walk.MoveNext().ShouldBeFalse();
        walk.Damaged.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("080001")]
    [InlineData("0300010000000000")] // claims less than its header
    [InlineData("0900010000000000")] // claims more than there is
    public void A_damaged_attribute_ends_the_walk(string hex)
    {
        var attributes = new NetlinkAttributes(Convert.FromHexString(hex));

        attributes.MoveNext().ShouldBeFalse();
    }

    [Fact]
    public void Random_bytes_are_walked_to_an_end()
    {
        var random = new Random(20);
        for (var i = 0; i < 20000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 4 && i % 2 == 0)
                MemoryMarshal.Write(bytes, random.Next(bytes.Length + 8));
            var walk = new NetlinkMessages(bytes);
            var messages = 0;
            while (walk.MoveNext())
            {
                messages++;
                _ = NetlinkFailure.Parse(walk.Flags, walk.Sequence, walk.Payload);
                var attributes = new NetlinkAttributes(walk.Payload);
                while (attributes.MoveNext())
                    _ = attributes.Text.Length + attributes.Number + attributes.BigEndianNumber;
            }

            messages.ShouldBeLessThanOrEqualTo(bytes.Length / NetlinkWriter.HeaderSize);
        }
    }

    [Fact]
    public void A_refusal_carries_the_kernels_words()
    {
        // struct nlmsgerr: -EINVAL, the header of the refused message (capped), then attribute 1: the text.
        var payload = Convert.FromHexString("EAFFFFFF" + "20000000100005000100000000000000" + "0700" + "0100" + "6E6F0000");

        var failure = NetlinkFailure.Parse(NetlinkFlags.Capped | NetlinkFlags.AckAttributes, 1, payload);

        failure.ShouldBe(new NetlinkFailure(1, Errno.EINVAL, "no"));
        NetlinkFailure.Parse(NetlinkFlags.Capped, 1, new byte[20]).ShouldBeNull();
        NetlinkFailure.Parse(NetlinkFlags.None, 1, new byte[3]).ShouldBe(new NetlinkFailure(1, Errno.EPROTO, null));
    }

    [Fact]
    public void The_kernels_structures_have_the_kernels_sizes()
    {
        Marshal.SizeOf<RouteConstants.LinkHeader>().ShouldBe(16);
        Marshal.SizeOf<RouteConstants.AddressHeader>().ShouldBe(8);
        Marshal.SizeOf<RouteConstants.RouteHeader>().ShouldBe(12);
        Marshal.SizeOf<Syscalls.Sys.NetlinkAddress>().ShouldBe(12);
        Marshal.SizeOf<Syscalls.Sys.InternetAddress>().ShouldBe(16);
        Marshal.OffsetOf<RouteConstants.LinkHeader>("Index").ShouldBe(4);
        Marshal.OffsetOf<RouteConstants.RouteHeader>("Flags").ShouldBe(8);
    }
}
