import asyncio


async def ask(name, seconds, address):
    await asyncio.sleep(seconds)
    print(f"{name}: {address or 'is offline'}")
    if address is None:
        raise ConnectionError(f"{name} is offline")
    return address


async def main():
    try:
        await asyncio.gather(
            ask("north", 0.03, "192.0.2.7"),
            ask("west", 0.01, None),
            ask("south", 0.05, "198.51.100.7"),
        )
    except ConnectionError as error:
        print(f"main: {error}, and goes on")
    await asyncio.sleep(1)
    print("main: ends")


asyncio.run(main())
