using System.Net;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Tests.Netlink;

public class PortOwnerTests
{
    private const string Listening = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0";

    [Theory]
    [InlineData("127.0.0.1", 8080, "12345")]
    [InlineData("0.0.0.0", 8080, "12345")] // all addresses include the loopback
    [InlineData("192.0.2.1", 8080, null)]
    [InlineData("127.0.0.1", 8081, null)]
    public void A_listening_socket_stands_in_the_way_of_its_address(string address, ushort port, string? inode) =>
        PortOwner.FindInode(Listening, IPAddress.Parse(address), port).ShouldBe(inode);

    [Theory]
    [InlineData("00000000000000000000000001000000", "::1", true)]
    [InlineData("00000000000000000000000001000000", "::", true)]
    [InlineData("00000000000000000000000000000000", "::1", true)]
    [InlineData("000080FE00000000FF0000000100000A", "::1", false)]
    [InlineData("00000000", "::1", false)]
    [InlineData("00000000000000000000000001000000", "0.0.0.0", false)]
    public void A_socket_of_version_6_stands_in_the_way_of_its_version(string local, string address, bool inTheWay) =>
        PortOwner.FindInode($"   1: {local}:1F90 {local}:0000 0A 0:0 0:0 0 0 0 77 1", IPAddress.Parse(address), 8080).ShouldBe(inTheWay ? "77" : null);

    [Theory]
    [InlineData("   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1", "77")] // a wildcard
    [InlineData("   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 78 1", "78")] // of version 6
    [InlineData("   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 79 1", null)] // a connection
    [InlineData("  sl  local_address rem_address   st", null)]
    [InlineData("", null)]
    [InlineData("a b:c:d e f g h i j k l m", null)]
    public void Other_lines_are_understood_or_passed_over(string line, string? inode) =>
        PortOwner.FindInode(line, IPAddress.Loopback, 8080).ShouldBe(inode);
}
